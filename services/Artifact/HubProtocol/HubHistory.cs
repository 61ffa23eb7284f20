using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>Branches, tags, and the commits before a revision.</summary>
internal static class HubHistory
{
    private const int MaxRefs = 10_000, MaxPage = 100;

    public static void MapHubHistory(this IEndpointRouteBuilder routes)
    {
        routes.MapGet($"{HubRoutes.Model}/refs", Refs);
        routes.MapGet($"{HubRoutes.Model}/commits/{{**rest}}", Commits);
    }

    /// <summary>A message's first line.</summary>
    public static string TitleOf(string message) => message.Split('\n', 2)[0].TrimEnd('\r');

    private static async Task<IResult> Refs(string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(null, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var refs = await db.Refs.AsNoTracking().Where(one => one.RepositoryId == repository.Id).OrderBy(one => one.Name).Take(MaxRefs).ToListAsync(ct);
        object[] Of(RefKind kind, string prefix) => [.. refs.Where(one => one.Kind == kind).Select(one => new { name = one.Name, @ref = prefix + one.Name, targetCommit = one.Revision })];
        var (branches, tags, none) = (Of(RefKind.Branch, "refs/heads/"), Of(RefKind.Tag, "refs/tags/"), Array.Empty<object>());
        return request.IsTrue("include_prs")
            ? TypedResults.Json(new { branches, converts = none, tags, pullRequests = none }, LenientJson.Options)
            : TypedResults.Json(new { branches, converts = none, tags }, LenientJson.Options);
    }

    private static Task<int> CountAsync(ArtifactDb db, Revision head, CancellationToken ct) =>
        db.Database.SqlQuery<int>($"""
            with recursive log as (
                select parent from revisions where repository_id = {head.RepositoryId} and id = {head.Id}
                union all
                select r.parent from revisions r join log on r.repository_id = {head.RepositoryId} and r.id = log.parent)
            select count(*)::integer as "Value" from log
            """).SingleAsync(ct);

    private static async Task<IResult> Commits(
        string owner, string name, Caller caller, HttpContext context, ArtifactDb db, PublicUrl url, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(null, caller, owner, name, ct);
        if (repository is null) return refusal!;
        if (await HubTarget.FindAsync(context.Request, HubRoutes.SkipApi, repository.Id, db, ct) is not { Path: "" } target)
            return HubError.RevisionUnknown(HubTarget.NameAfter(context.Request, HubRoutes.SkipApi));
        if (target.Revision is null) return TypedResults.Json(Array.Empty<object>(), LenientJson.Options);
        var first = target.Revision.Id;
        if (HubLink.Cursor(context.Request) is { } cursor)
        {
            if (!GitIds.IsId(cursor)) return HubError.BadInput("The cursor is none of this list.");
            first = cursor;
        }
        var limit = HubLink.Limit(context.Request, MaxPage);
        var rows = await db.LogAsync(repository.Id, first, limit + 1, ct);
        context.Response.Headers["X-Total-Count"] = (await CountAsync(db, target.Revision, ct)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        HubLink.Write(context.Response, url, rows.Count > limit ? rows[limit].Id : null);
        return TypedResults.Json(rows.Take(limit).Select(revision =>
        {
            var (title, message) = (TitleOf(revision.Message), revision.Message.Split('\n', 2) is [_, var rest] ? rest.Trim() : "");
            return new { id = revision.Id, title, message, date = HubRoutes.At(revision.CreatedAt), authors = new[] { new { user = revision.Author } } };
        }), LenientJson.Options);
    }
}
