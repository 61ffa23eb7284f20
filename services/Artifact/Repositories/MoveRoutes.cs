using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Repositories;

/// <summary>New names for repositories, and the way from old ones.</summary>
internal static class MoveRoutes
{
    private const string Family = "/api/v1/repositories/";

    public static void MapMoves(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/v1/repositories/{owner}/{name}/move", Move).WithName("MoveRepository").WithTags("Repositories")
            .RequireAuthorization(Policies.Write).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithSummary("Rename or move a repository")
            .WithDescription("A new name: maintainers. A new owner: owners of both. The old name stays taken, and leads those who may read it to the new one.")
            .WithExample(new MoveTo(Name: "example-model"), ("owner", "example-lab"), ("name", "example-model"));

    /// <summary>Reads below a repository's old name are answered 307 with its new one, for those who may read it; for others it is missing.</summary>
    public static RouteGroupBuilder FollowingMoves(this IEndpointRouteBuilder routes)
    {
        var following = routes.MapGroup("");
        following.AddEndpointFilter(async (context, next) =>
        {
            var result = await next(context);
            return (result is INestedHttpResult nested ? nested.Result : result) is ProblemHttpResult { ProblemDetails.Type: "urn:zoo:repository.unknown" }
                && (HttpMethods.IsGet(context.HttpContext.Request.Method) || HttpMethods.IsHead(context.HttpContext.Request.Method))
                ? await context.HttpContext.LeadAsync(Family) ?? result : result;
        });
        return following;
    }

    private static async Task<Results<Ok<RepositoryView>, ProblemHttpResult>> Move(
        string owner, string name, JsonBody<MoveTo> body, Caller caller, ArtifactDb db, MoveRepository move, ILoggerFactory logs,
        CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Maintainer, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var ask = await body.ReadAsync(ct);
        if (!RepositoryName.TryParse(ask.Name ?? repository.Name, out var newName, out var invalid)) return ArtifactProblems.NameInvalid(ask.Name!, invalid);
        var newOwner = string.Equals(ask.Owner, repository.Owner.Name, StringComparison.OrdinalIgnoreCase) ? null : ask.Owner;
        if (newOwner is not null && repository.RoleOf(caller) is not Role.Owner) return ArtifactProblems.RoleNeeded(Role.Owner, owner, name);
        switch (await move.RunAsync(repository.Id, newOwner, newName, caller, ct))
        {
            case MoveOutcome.Moved { Repository: var moved }:
                logs.CreateLogger(typeof(MoveRoutes)).RepositoryMoved(moved.Id, repository.Owner.Name, repository.Name, moved.Owner.Name, moved.Name, caller.Subject);
                return TypedResults.Ok(await db.ViewAsync(moved, caller, ct));
            case MoveOutcome.NotYourOwner:
                return ArtifactProblems.OwnerNotYours(newOwner!);
            case MoveOutcome.Taken:
                return ArtifactProblems.NameTaken(newOwner ?? repository.Owner.Name, newName.Value);
            case MoveOutcome.Retired:
                return ArtifactProblems.NameRetired(newOwner ?? repository.Owner.Name, newName.Value);
            default:
                return ArtifactProblems.RepositoryUnknown(owner, name);
        }
    }
}
