using Microsoft.AspNetCore.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact.Storage;

/// <summary>The owner would hold more than its quota.</summary>
internal sealed class OverQuotaException(long usedBytes, long limitBytes) : Exception($"{usedBytes} bytes are more than {limitBytes}.")
{
    public long UsedBytes => usedBytes;

    public long LimitBytes => limitBytes;
}

/// <summary>Keeps an owner within its quota: distinct blobs of its repositories, committed or sent, the declared bytes of uploads under way, and xorbs
/// that wait for a shard.
/// Counted again, under a lock of the owner's, in the transaction of whatever adds to it; so requests side by side never exceed it together.</summary>
internal sealed class KeepQuota(ArtifactDb db, IOptions<StorageOptions> options)
{
    private const int LockClass = 0x7A6F6F;
    private (Guid Repository, byte[][] Xorbs) _used = (Guid.Empty, []);

    /// <summary>To be called inside the transaction that will hold the blobs.</summary>
    /// <exception cref="OverQuotaException">They do not fit.</exception>
    public async Task RunAsync(Guid repositoryId, IReadOnlyList<(string Sha256, long SizeBytes)> more, CancellationToken ct)
    {
        if (await LimitAsync(repositoryId, ct) is not { } limit) return;
        await LockAsync(limit, ct);
        await CompareAsync(limit, more, ct);
    }

    /// <summary>The same for what this transaction has noted already.</summary>
    /// <exception cref="OverQuotaException">It does not fit.</exception>
    public Task RunAsync(Guid repositoryId, CancellationToken ct) => RunAsync(repositoryId, Array.Empty<(string, long)>(), ct);

    /// <summary>From now on these waiting xorbs count no more: files are being made of them, and those count.</summary>
    public void Use(Guid repositoryId, IEnumerable<XetHash> xorbs) => _used = (repositoryId, [.. xorbs.Select(xorb => xorb.ToBytes())]);

    /// <summary>Lets nobody else add to what the owner holds until this transaction ends. For whoever writes rows first and then counts
    /// them: the lock comes before those of rows everywhere, so that there is no deadlock.</summary>
    public async Task LockAsync(Guid repositoryId, CancellationToken ct)
    {
        if (await LimitAsync(repositoryId, ct) is { } limit) await LockAsync(limit, ct);
    }

    /// <summary>The same for blobs that are there, by their hashes.</summary>
    /// <exception cref="OverQuotaException">They do not fit.</exception>
    public async Task RunAsync(Guid repositoryId, string[] blobs, CancellationToken ct)
    {
        if (await LimitAsync(repositoryId, ct) is null) return;
        var sizes = await db.Blobs.Where(blob => blobs.Contains(blob.Sha256)).Select(blob => new { blob.Sha256, blob.SizeBytes }).ToListAsync(ct);
        await RunAsync(repositoryId, [.. sizes.Select(blob => (blob.Sha256, blob.SizeBytes))], ct);
    }

    /// <summary>Would it fit as things are? Refuses early what is large; nothing is reserved.</summary>
    /// <exception cref="OverQuotaException">It would not.</exception>
    public async Task ForetellAsync(Guid repositoryId, string sha256, long sizeBytes, CancellationToken ct)
    {
        if (await LimitAsync(repositoryId, ct) is { } limit) await CompareAsync(limit, [(sha256, sizeBytes)], ct);
    }

    /// <summary>What counts towards an owner's quota, with these blobs.</summary>
    public async Task<long> UsedAsync(Guid owner, IReadOnlyList<(string Sha256, long SizeBytes)> more, CancellationToken ct)
    {
        var (hashes, sizes) = (more.Select(blob => blob.Sha256).ToArray(), more.Select(blob => blob.SizeBytes).ToArray());
        return (await db.Database.SqlQuery<long>($"""
            with kits as (select id from repositories where owner_id = {owner} and deleted_at is null)
            select (coalesce(sum(size_bytes), 0) + (
                select coalesce(sum(x.size_bytes), 0) from xorb_uploads x join kits on kits.id = x.repository_id
                where not (x.repository_id = {_used.Repository} and x.xorb = any({_used.Xorbs}))))::bigint as "Value" from (
                select b.sha256, b.size_bytes from blobs b where b.sha256 in (
                    select h.sha256 from repository_blobs h join kits on kits.id = h.repository_id
                    union select s.sha256 from staged_blobs s join kits on kits.id = s.repository_id)
                union select u.sha256, u.size_bytes from uploads u join kits on kits.id = u.repository_id where u.state <> 'complete'
                union select sha256, size_bytes from unnest({hashes}, {sizes}) as more(sha256, size_bytes)) as held
            """).ToListAsync(ct)).Single();
    }

    /// <summary>Null: no limit.</summary>
    public async Task<long?> LimitOfAsync(Guid owner, CancellationToken ct)
    {
        var set = await db.Database.SqlQuery<long?>($"select limit_bytes as \"Value\" from quotas where owner_id = {owner}").ToListAsync(ct);
        return set.Count > 0 ? set[0] : options.Value.QuotaBytes;
    }

    private async Task<Limit?> LimitAsync(Guid repositoryId, CancellationToken ct)
    {
        var owner = await db.Repositories.Where(row => row.Id == repositoryId).Select(row => row.OwnerId).SingleOrDefaultAsync(ct);
        return await LimitOfAsync(owner, ct) is { } bytes ? new Limit(owner, bytes) : null;
    }

    private Task LockAsync(Limit limit, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({LockClass}, hashtext({limit.Owner.ToString()}))", ct);

    private async Task CompareAsync(Limit limit, IReadOnlyList<(string Sha256, long SizeBytes)> more, CancellationToken ct)
    {
        var used = await UsedAsync(limit.Owner, more, ct);
        if (used > limit.Bytes) throw new OverQuotaException(used, limit.Bytes);
    }

    private sealed record Limit(Guid Owner, long Bytes);
}

/// <summary>Tells it in the shape of whatever protocol was asked: bytes come in at many places, and none of them can do anything else about it.</summary>
internal sealed class RefuseOverQuota : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not OverQuotaException over) return false;
        var route = httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        await httpContext.RefuseAsync(ArtifactProblems.OverQuota(over.UsedBytes, over.LimitBytes), route?.Metadata.OfType<ErrorShape>().LastOrDefault() ?? ErrorShape.Problem);
        return true;
    }
}
