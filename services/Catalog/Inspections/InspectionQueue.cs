using Microsoft.EntityFrameworkCore;

namespace ZooPlatform.Catalog.Inspections;

/// <summary>A revision to read.</summary>
/// <param name="Lease">Names this lease: a job whose lease is another was taken over, or replaced by a newer revision.</param>
internal sealed record InspectionJob(Guid ModelId, string Revision, int Attempts, Guid Lease);

/// <summary>The queue of revisions to read: the table <c>inspection_jobs</c>.</summary>
internal static class InspectionQueue
{
    /// <summary>After how long another worker may take a revision over whose worker is silent: it was killed, or the database was away.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    /// <summary>Queues a revision in place of any older one of the model.</summary>
    public static Task PutAsync(CatalogDb db, Guid model, string revision, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            insert into inspection_jobs (model_id, revision) values ({model}, {revision})
            on conflict (model_id) do update set revision = excluded.revision, due_at = now(), leased_until = null, lease = null, attempts = 0
            """, ct);

    /// <summary>Queues all models again that ask for a stub which just became free.</summary>
    public static Task PutClaimantsAsync(CatalogDb db, string stub, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            insert into inspection_jobs (model_id, revision)
            select id, head from models where lower(wanted_stub) = lower({stub}) and stub is null and head is not null order by id
            on conflict (model_id) do nothing
            """, ct);

    /// <summary>Takes the job that is due longest; null when none is.</summary>
    public static async Task<InspectionJob?> TakeAsync(CatalogDb db, CancellationToken ct)
    {
        var jobs = await db.Database.SqlQuery<InspectionJob>($"""
            update inspection_jobs set leased_until = now() + {Lease}, lease = gen_random_uuid(), attempts = attempts + 1
            where model_id = (
                select model_id from inspection_jobs
                where due_at <= now() and (leased_until is null or leased_until < now())
                order by due_at limit 1 for update skip locked)
            returning model_id as "ModelId", revision as "Revision", attempts as "Attempts", lease as "Lease"
            """).ToListAsync(ct);
        return jobs.SingleOrDefault();
    }

    /// <summary>Keeps a job for its worker, who still reads. False: it is no longer this worker's.</summary>
    public static async Task<bool> RenewAsync(CatalogDb db, InspectionJob job, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync(
            $"update inspection_jobs set leased_until = now() + {Lease} where model_id = {job.ModelId} and revision = {job.Revision} and lease = {job.Lease}", ct) == 1;

    /// <summary>Ends a job. False: it is no longer this worker's, and what it read must not be stored.</summary>
    public static async Task<bool> EndAsync(CatalogDb db, InspectionJob job, CancellationToken ct) =>
        await db.Database.ExecuteSqlAsync(
            $"delete from inspection_jobs where model_id = {job.ModelId} and revision = {job.Revision} and lease = {job.Lease}", ct) == 1;

    /// <summary>Gives a job back, to be tried again after a pause.</summary>
    public static Task PostponeAsync(CatalogDb db, InspectionJob job, TimeSpan pause, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            update inspection_jobs set due_at = now() + {pause}, leased_until = null, lease = null
            where model_id = {job.ModelId} and revision = {job.Revision} and lease = {job.Lease}
            """, ct);
}
