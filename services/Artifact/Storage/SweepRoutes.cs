using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Sweeping garbage as a job: asked for, looked at, one at a time.</summary>
internal static class SweepRoutes
{
    private const string Path = "/api/v1/storage/gc";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3), s_pause = TimeSpan.FromMilliseconds(250);

    public static void MapSweeps(this IEndpointRouteBuilder routes)
    {
        var sweeps = routes.MapGroup(Path).WithTags("Storage").RequireAuthorization(Policies.Administrator);
        sweeps.MapPost("", Begin).WithName("SweepStorage")
            .WithSummary("Find or delete garbage").WithDescription("What nothing has referred to for longer than the grace: which blobs, how large, why, since when. A dry run deletes nothing. "
                + "200 when it is over within a few seconds, else 202: ask at `Location` how far it is. While one runs, it is the answer: look at `dryRun`.")
            .WithExample(new SweepStorage(DryRun: true));
        sweeps.MapGet("/{id:guid}", Get).WithName("GetSweep").ProducesProblem(404)
            .WithSummary("Get a sweep").WithDescription("How far it is, or what it came to. The last 50 are known.")
            .WithExampleFrom("id", "SweepStorage.id");
    }

    private static async Task<Results<Ok<SweepView>, Accepted<SweepView>>> Begin(
        JsonBody<SweepStorage> body, Caller caller, AskSweep ask, ArtifactDb db, TimeProvider time, CancellationToken ct)
    {
        var sweep = await ask.RunAsync((await body.ReadAsync(ct)).DryRun, caller.Subject, ct);
        var (asked, pause) = (time.GetTimestamp(), TimeSpan.FromMilliseconds(10));
        for (; sweep.State == SweepState.Running && time.GetElapsedTime(asked) < s_patience; pause = pause < s_pause ? 2 * pause : s_pause)
        {
            await Task.Delay(pause, time, ct);
            sweep = await FindAsync(db, sweep.Id, ct) ?? sweep;
        }
        return sweep.State == SweepState.Running ? TypedResults.Accepted($"{Path}/{sweep.Id}", sweep.View) : TypedResults.Ok(sweep.View);
    }

    private static async Task<Results<Ok<SweepView>, ProblemHttpResult>> Get(Guid id, ArtifactDb db, CancellationToken ct) =>
        await FindAsync(db, id, ct) is { } sweep ? TypedResults.Ok(sweep.View) : ArtifactProblems.SweepUnknown;

    private static Task<Sweep?> FindAsync(ArtifactDb db, Guid id, CancellationToken ct) => db.Sweeps.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, ct);
}
