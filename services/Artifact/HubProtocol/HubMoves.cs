using Microsoft.AspNetCore.Http.Features;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>New names for repositories, and the way from old ones.</summary>
internal static class HubMoves
{
    private const int MaxBodyBytes = 64 * 1024;

    public static void MapHubMoves(this IEndpointRouteBuilder routes) => routes.MapPost("/api/repos/move", Move);

    /// <summary>Below an old name, the same address below the new one, for who may read it. Relative: clients follow that by themselves.</summary>
    /// <returns>Null: no repository that the caller may read had the name.</returns>
    public static async Task<IResult?> LeadAsync(HttpContext context)
    {
        var values = context.Request.RouteValues;
        if (values["owner"] is not string owner || values["name"] is not string name) return null;
        // What follows the name stays as it was written: a decoded path may mean something else.
        var asked = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var family = asked.StartsWith("/api/models/", StringComparison.Ordinal) ? "/api/models/" : "/";
        if (!asked.StartsWith($"{family}{owner}/{name}", StringComparison.Ordinal)) return null;
        var db = context.RequestServices.GetRequiredService<ArtifactDb>();
        if (await db.FindMovedAsync(context.GetCaller(), owner, name, context.RequestAborted) is not { } moved) return null;
        context.Response.Headers.CacheControl = "private, no-store";
        return TypedResults.Redirect($"{family}{moved.Owner.Name}/{moved.Name}{asked[$"{family}{owner}/{name}".Length..]}", permanent: false, preserveMethod: true);
    }

    private static async Task<IResult> Move(HttpRequest request, Caller caller, ArtifactDb db, MoveRepository move, PublicUrl url, ILoggerFactory logs, CancellationToken ct)
    {
        var ask = await LenientJson.ReadAsync<MoveRequest>(request, MaxBodyBytes, ct);
        if (ask.FromRepo?.Split('/') is not [var owner, var name] || ask.ToRepo?.Split('/') is not [var newOwner, var newName]) return HubError.BadInput("fromRepo and toRepo are owner/name.");
        if (ask.Type is not (null or "model")) return HubError.RepositoryUnknown(caller, owner, name);
        var (repository, refusal) = await db.FindForHubAsync(Role.Maintainer, caller, owner, name, ct);
        if (repository is null) return refusal!;
        if (!RepositoryName.TryParse(newName, out var parsed, out var invalid)) return HubError.BadInput($"'{newName}' cannot name a repository: it {invalid}.");
        var elsewhere = !string.Equals(newOwner, repository.Owner.Name, StringComparison.OrdinalIgnoreCase);
        if (elsewhere && repository.RoleOf(caller) is not Role.Owner) return HubError.Forbidden("give a repository another owner");
        switch (await move.RunAsync(repository.Id, elsewhere ? newOwner : null, parsed, caller, ct))
        {
            case MoveOutcome.Moved { Repository: var moved }:
                logs.CreateLogger(typeof(HubMoves)).RepositoryMoved(moved.Id, repository.Owner.Name, repository.Name, moved.Owner.Name, moved.Name, caller.Subject);
                return TypedResults.Json(new { url = url.Of($"/{moved.Owner.Name}/{moved.Name}") }, LenientJson.Options);
            case MoveOutcome.NotYourOwner:
                return HubError.Forbidden($"move a repository to '{newOwner}'");
            case MoveOutcome.Taken or MoveOutcome.Retired:
                return new HubError(409, "Conflict", $"The name '{newOwner}/{newName}' is taken.");
            default:
                return HubError.RepositoryUnknown(caller, owner, name);
        }
    }

    private sealed record MoveRequest(string? FromRepo, string? ToRepo, string? Type);
}
