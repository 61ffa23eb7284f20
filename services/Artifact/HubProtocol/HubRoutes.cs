using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>The Hugging Face Hub's API, for its clients unmodified. Models only: data sets and spaces read as missing.</summary>
internal static class HubRoutes
{
    public const string Model = "/api/models/{owner}/{name}";

    /// <summary>Segments before the revision below <see cref="Model"/>, and below <c>/{owner}/{name}</c>.</summary>
    public const int SkipApi = 5, SkipWeb = 3;

    public static void MapHub(this IEndpointRouteBuilder routes)
    {
        var hub = routes.MapGroup("").WithMetadata(ErrorShape.Hub).ExcludeFromDescription();
        hub.AddEndpointFilter(async (context, next) =>
            await next(context) is var result && result is HubError { IsRepositoryUnknown: true } 
                ? await context.HttpContext.LeadAsync(context.HttpContext.Request.Path.StartsWithSegments("/api/models") ? "/api/models/" : "/") ?? result : result);
        var reads = hub.MapGroup("").RequireAuthorization(Policies.Read);
        var writes = hub.MapGroup("").RequireAuthorization(Policies.Write);
        reads.MapHubModels();
        reads.MapHubTree();
        reads.MapHubHistory();
        reads.MapHubResolve();
        writes.MapHubRefs();
        writes.MapHubPreupload();
        writes.MapHubCommit();
        writes.MapHubRepositories();
        writes.MapHubMoves();
        reads.MapGet($"{Model}/auth-check", (string owner, string name, Caller caller, ArtifactDb db, CancellationToken ct) => CheckAsync(null, owner, name, caller, db, ct));
        writes.MapGet($"{Model}/auth-check/write", (string owner, string name, Caller caller, ArtifactDb db, CancellationToken ct) => CheckAsync(Role.Contributor, owner, name, caller, db, ct));

        // There is nothing of these kinds, and names of one segment are nobody's.
        reads.Map("/api/models/{name}", (string name, Caller caller) => HubError.RepositoryUnknown(caller, "", name));
        foreach (var kind in new[] { "datasets", "spaces" })
        {
            reads.Map($"/api/{kind}/{{**rest}}", (Caller caller) => HubError.RepositoryUnknown(caller, "", ""));
            foreach (var word in new[] { "resolve", "raw" })
                reads.Map($"/{kind}/{{owner}}/{{name}}/{word}/{{**rest}}", (Caller caller, string owner, string name) => HubError.RepositoryUnknown(caller, owner, name));
        }
        // What this platform does not have is told apart from what is missing.
        reads.Map("/api/{**rest}", () => HubError.NotImplemented("This zoo does not offer that part of the hub's API. Its own API is under /api/v1."));
    }

    /// <summary>A repository the caller can see and has this role in; else the refusal.</summary>
    /// <param name="needed">Null: reading it is enough.</param>
    public static async Task<(Repository? Repository, HubError? Refusal)> FindForHubAsync(
        this ArtifactDb db, Role? needed, Caller caller, string owner, string name, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return (null, HubError.RepositoryUnknown(caller, owner, name));
        return needed is null || repository.RoleOf(caller) >= needed ? (repository, null) : (null, HubError.Forbidden("do this"));
    }

    /// <summary>A time as the clients parse it.</summary>
    public static string At(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A yes or no, however it is written.</summary>
    public static bool IsTrue(this HttpRequest request, string parameter) =>
        request.Query[parameter] is [{ } value, ..] && (value.Equals("true", StringComparison.OrdinalIgnoreCase) || value == "1");

    private static async Task<IResult> CheckAsync(Role? needed, string owner, string name, Caller caller, ArtifactDb db, CancellationToken ct) =>
        (await db.FindForHubAsync(needed, caller, owner, name, ct)).Refusal as IResult ?? TypedResults.Json(new { }, LenientJson.Options);
}
