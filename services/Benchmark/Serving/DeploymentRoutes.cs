using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Benchmark.Serving;

internal static class DeploymentRoutes
{
    private const int MaxPage = 100;

    public static void MapDeployments(this IEndpointRouteBuilder routes)
    {
        var deployments = routes.MapGroup("/api/v1/deployments").WithTags("Deployments");
        deployments.MapGet("", List).WithName("ListDeployments").RequireAuthorization(Policies.Read).WithPages(MaxPage)
            .WithSummary("List deployments").WithDescription("Newest first, stopped ones too.").WithExample(null, ("limit", 10));
        deployments.MapPost("", Create).WithName("CreateDeployment").RequireAuthorization(Policies.Infer).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503)
            .WithSummary("Load a model").WithDescription("Answers when it is loaded. The first inference does the same.")
            .WithExample(new CreateDeployment("samples/digits-cnn-int8"));
        deployments.MapDelete("/{id:guid}", Delete).WithName("DeleteDeployment").RequireAuthorization(Policies.Infer).ProducesProblem(404)
            .WithSummary("Unload a model").WithExampleFrom("id", "CreateDeployment.id");
    }

    private static async Task<Results<Ok<Page<DeploymentView>>, ProblemHttpResult>> List(
        Caller caller, BenchmarkDb db, CancellationToken ct, string? after = null, int limit = MaxPage)
    {
        var rows = Visible(db, caller);
        if (after is not null)
        {
            if (!Guid.TryParse(after, out var last))
            {
                return Problem.CursorInvalid(after);
            }

            rows = rows.Where(row => row.Deployment.Id < last);
        }

        var page = await rows.OrderByDescending(row => row.Deployment.Id).Take(limit + 1).AsNoTracking().ToListAsync(ct);
        var views = page.Take(limit).Select(row => row.Deployment.View(row.Repository.Path)).ToList();
        return TypedResults.Ok(new Page<DeploymentView>(views, page.Count > limit ? views[^1].Id.ToString() : null));
    }

    private static async Task<Results<Created<DeploymentView>, ProblemHttpResult>> Create(
        CreateDeployment request, Caller caller, FindModelFile find, Deployments deployments, BenchmarkDb db, CancellationToken ct)
    {
        var outcome = await find.RunAsync(caller, request.Repository, request.Revision, request.File, ct);
        if (outcome is not FileOutcome.Found found)
        {
            return BenchmarkProblems.Of(outcome);
        }

        try
        {
            var served = await deployments.LoadedAsync(found, caller.Subject, ct);
            var row = await db.Deployments.AsNoTracking().SingleAsync(row => row.Id == served.Id, ct);
            return TypedResults.Created($"/api/v1/deployments/{row.Id}", row.View(found.Repository.Path));
        }
        catch (WorkerException e)
        {
            return BenchmarkProblems.NotLoaded(found.File.Path, e.Message);
        }
        catch (BusyException e)
        {
            return BenchmarkProblems.Busy(e.Message);
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        Guid id, Caller caller, Deployments deployments, BenchmarkDb db, CancellationToken ct)
    {
        if (await Visible(db, caller).AsNoTracking().SingleOrDefaultAsync(row => row.Deployment.Id == id, ct) is not { } row)
        {
            return BenchmarkProblems.DeploymentUnknown(id);
        }

        if (!row.Repository.MayBenchmark(caller) && row.Deployment.RequestedBy != caller.Subject)
        {
            return BenchmarkProblems.ContributorNeeded(row.Repository.Path);
        }

        await deployments.EndAsync(id, Deployment.Stopped, "stopped by request", ct);
        return TypedResults.NoContent();
    }

    private static IQueryable<DeploymentRow> Visible(BenchmarkDb db, Caller caller) =>
        from repository in db.Repositories.VisibleTo(caller)
        join deployment in db.Deployments on repository.Id equals deployment.RepositoryId
        select new DeploymentRow { Deployment = deployment, Repository = repository };

    private sealed class DeploymentRow
    {
        public required Deployment Deployment { get; init; }

        public required Repository Repository { get; init; }
    }
}
