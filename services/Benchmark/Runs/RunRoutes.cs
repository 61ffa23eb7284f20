using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Benchmark.Runs;

internal static class RunRoutes
{
    private const int MaxPage = 100;

    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        var runs = routes.MapGroup("/api/v1/runs").WithTags("Runs");
        runs.MapPost("", Create).WithName("CreateRun").RequireAuthorization(Policies.Write).ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Measure").WithDescription("Queues a run for contributors of the repository; ask for it until it has ended.")
            .WithExample(new CreateRun("samples/digits-cnn-int8", Settings: new RunSettings(WarmUp: 2, Iterations: 20)));
        runs.MapGet("", List).WithName("ListRuns").RequireAuthorization(Policies.Read).ProducesProblem(404).WithPages(MaxPage)
            .WithSummary("List runs").WithDescription("Newest first.").WithExample(null, ("repository", "samples/digits-cnn-int8"), ("limit", 10));
        runs.MapGet("/{id:guid}", Get).WithName("GetRun").RequireAuthorization(Policies.Read).ProducesProblem(404)
            .WithSummary("Get a run").WithExampleFrom("id", "CreateRun.id");
        runs.MapGet("/{id:guid}/samples", GetSamples).WithName("GetRunSamples").RequireAuthorization(Policies.Read).ProducesProblem(404)
            .WithSummary("Get a run's raw samples").WithDescription("Every counted call, in order of time. Only a run that succeeded has them.").WithExampleFrom("id", "CreateRun.id");
        runs.MapPost("/{id:guid}/cancel", Cancel).WithName("CancelRun").RequireAuthorization(Policies.Write).ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Cancel a run").WithDescription("409 when it has ended.").WithExampleFrom("id", "CreateRun.id");
    }

    private static async Task<Results<Created<RunView>, ProblemHttpResult>> Create(
        CreateRun request, Caller caller, QueueRun queue, CancellationToken ct) =>
        await queue.RunAsync(caller, request, ct) switch
        {
            QueueOutcome.Queued(var view) => TypedResults.Created($"/api/v1/runs/{view.Id}", view),
            QueueOutcome.NoFile(var why) => BenchmarkProblems.Of(why),
            QueueOutcome.SettingsInvalid(var reason) => BenchmarkProblems.SettingsInvalid(reason),
            _ => BenchmarkProblems.ContributorNeeded(request.Repository),
        };

    /// <summary>Newest first.</summary>
    private static async Task<Results<Ok<Page<RunView>>, ProblemHttpResult>> List(
        Caller caller, BenchmarkDb db, FindModelFile find, CancellationToken ct, string? repository = null, string? after = null, int limit = 20)
    {
        var rows = db.VisibleRuns(caller);
        if (repository is not null)
        {
            if (await find.RepositoryAsync(caller, repository, ct) is not { } known)
            {
                return BenchmarkProblems.RepositoryUnknown(repository);
            }

            rows = rows.Where(row => row.Run.RepositoryId == known.Id);
        }

        if (after is not null)
        {
            if (!Guid.TryParse(after, out var last))
            {
                return Problem.CursorInvalid(after);
            }

            rows = rows.Where(row => row.Run.Id < last);
        }

        var page = await rows.OrderByDescending(row => row.Run.Id).Take(limit + 1).AsNoTracking().ToListAsync(ct);
        var views = page.Take(limit).Select(row => row.View()).ToList();
        return TypedResults.Ok(new Page<RunView>(views, page.Count > limit ? views[^1].Id.ToString() : null));
    }

    private static async Task<Results<Ok<RunView>, ProblemHttpResult>> Get(Guid id, Caller caller, BenchmarkDb db, CancellationToken ct) =>
        await db.VisibleRuns(caller).AsNoTracking().SingleOrDefaultAsync(row => row.Run.Id == id, ct) is { } row
            ? TypedResults.Ok(row.View())
            : BenchmarkProblems.RunUnknown(id);

    private static async Task<Results<Ok<RunSamplesView>, ProblemHttpResult>> GetSamples(Guid id, Caller caller, BenchmarkDb db, CancellationToken ct)
    {
        if (!await db.VisibleRuns(caller).AnyAsync(row => row.Run.Id == id, ct))
        {
            return BenchmarkProblems.RunUnknown(id);
        }

        return await db.Samples.AsNoTracking().SingleOrDefaultAsync(samples => samples.RunId == id, ct) is { } samples
            ? TypedResults.Ok(new RunSamplesView(id, samples.LatenciesNs))
            : BenchmarkProblems.SamplesUnknown(id);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Cancel(Guid id, Caller caller, BenchmarkDb db, CancellationToken ct)
    {
        if (await db.VisibleRuns(caller).AsNoTracking().SingleOrDefaultAsync(row => row.Run.Id == id, ct) is not { } row)
        {
            return BenchmarkProblems.RunUnknown(id);
        }

        if (!row.Repository.MayBenchmark(caller) && row.Run.RequestedBy != caller.Subject)
        {
            return BenchmarkProblems.ContributorNeeded(row.Repository.Path);
        }

        return await db.CancelAsync(id, ct) ? TypedResults.NoContent() : BenchmarkProblems.RunEnded(id);
    }
}
