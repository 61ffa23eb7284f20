using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>New names for repositories.</summary>
internal static class HubMoves
{
    private const int MaxBodyBytes = 64 * 1024;

    public static void MapHubMoves(this IEndpointRouteBuilder routes) => routes.MapPost("/api/repos/move", Move);

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
