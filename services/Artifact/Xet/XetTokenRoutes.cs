using ZooPlatform.Artifact.Capabilities;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact.Xet;

/// <summary>Where clients of the hub get a token for <c>/xet</c>. Some read the answer's headers, some its body: both say the same.</summary>
/// <remarks>The revision is not looked at: to write, clients name a branch that may be about to be made; to read, any commit of the repository
/// will do, since files are asked for by their hashes.</remarks>
internal static class XetTokenRoutes
{
    private const int MaxRevisionChars = 256;

    public static void MapXetTokens(this IEndpointRouteBuilder routes)
    {
        var model = routes.MapGroup("/api/models/{owner}/{name}").RequireAuthorization(Policies.Read).WithMetadata(ErrorShape.Hub).ExcludeFromDescription();
        model.MapGet("/xet-read-token/{**revision}", Read);
        model.MapGet("/xet-write-token/{**revision}", Write);
    }

    private static async Task<IResult> Read(
        string owner, string name, string? revision, Caller caller, HttpResponse response, ArtifactDb db, XetTokens tokens, CancellationToken ct) =>
        await db.FindAsync(caller, owner, name, ct) is { } repository
            ? await TokenAsync(Verbs.XetRead, repository, revision, caller, response, tokens, ct)
            : XetProblems.RepositoryHidden(caller);

    private static async Task<IResult> Write(
        string owner, string name, string? revision, Caller caller, HttpRequest request, HttpResponse response, ArtifactDb db, XetTokens tokens, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return XetProblems.RepositoryHidden(caller);
        if (caller.IsAnonymous) return XetProblems.RepositoryHidden(caller);
        if (!IssueCapability.MayHold(caller, Verbs.XetWrite) || repository.RoleOf(caller) is not >= Role.Contributor) return XetProblems.NotAllowed;
        if (request.Query["create_pr"] is [{ } asks] && (asks == "1" || asks.Equals("true", StringComparison.OrdinalIgnoreCase))) return XetProblems.NoPullRequests;
        return await TokenAsync(Verbs.XetWrite, repository, revision, caller, response, tokens, ct);
    }

    private static async Task<IResult> TokenAsync(
        string verb, Repository repository, string? revision, Caller caller, HttpResponse response, XetTokens tokens, CancellationToken ct)
    {
        var token = await tokens.MakeAsync(caller, repository.Id, verb, revision is { Length: <= MaxRevisionChars } ? revision : null, ct);
        foreach (var (header, value) in token.Headers) response.Headers[header] = value;
        response.Headers.CacheControl = "no-store";
        return TypedResults.Json(new { accessToken = token.AccessToken, exp = token.Exp, casUrl = token.CasUrl });
    }
}
