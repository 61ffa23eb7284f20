using System.Text;
using Microsoft.Net.Http.Headers;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Artifact.Xet;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>Downloads: the content (<c>resolve</c>), or what git holds (<c>raw</c>: of an LFS file its pointer).</summary>
internal static class HubResolve
{
    public static void MapHubResolve(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/{owner}/{name}/resolve/{**rest}", ["GET", "HEAD"],
            (string owner, string name, Caller caller, HttpContext context, ArtifactDb db, SendBlob send, AnnounceXet xet, CancellationToken ct) => GetAsync(raw: false, owner, name, caller, context, db, send, xet, ct));
        routes.MapMethods("/{owner}/{name}/raw/{**rest}", ["GET", "HEAD"],
            (string owner, string name, Caller caller, HttpContext context, ArtifactDb db, SendBlob send, AnnounceXet xet, CancellationToken ct) => GetAsync(raw: true, owner, name, caller, context, db, send, xet, ct));
    }

    private static async Task<IResult> GetAsync(
        bool raw, string owner, string name, Caller caller, HttpContext context, ArtifactDb db, SendBlob send, AnnounceXet xet, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(null, caller, owner, name, ct);
        if (repository is null) return refusal!;
        if (await HubTarget.FindAsync(context.Request, HubRoutes.SkipWeb, repository.Id, db, ct) is not { } target)
            return HubError.RevisionUnknown(HubTarget.NameAfter(context.Request, HubRoutes.SkipWeb).Split('/')[0]);
        if (target.Revision is not { } revision || !FilePath.TryParse(target.Path, out var path, out _)
            || await db.FindEntryAsync(revision, path, ct) is not { Kind: not EntryKind.Folder } entry || !BlobHash.TryParse(entry.Sha256, out var hash))
            return HubError.EntryUnknown(target.Path, target.Revision?.Id);

        var (request, response) = (context.Request, context.Response);
        response.Headers.CacheControl = repository.Visibility == Visibility.Public ? "no-cache" : "private, no-store";
        response.Headers["X-Repo-Commit"] = revision.Id;
        if (raw && entry.Lfs)
            return TypedResults.Bytes(Encoding.ASCII.GetBytes(GitIds.Pointer(entry.Sha256, entry.SizeBytes)), "text/plain; charset=utf-8",
                lastModified: revision.CreatedAt, entityTag: new EntityTagHeaderValue($"\"{entry.GitId}\""), enableRangeProcessing: true);
        await xet.TellAsync(response, repository, revision, entry, ct);
        if (entry.SizeBytes == 0 && request.Headers.Range.Count > 0)
        {
            // No range of nothing can be had, and clients begin by asking for the first byte: they get all of it, and are told how much that is.
            request.Headers.Remove(HeaderNames.Range);
            response.Headers.ContentRange = "bytes */0";
        }
        return await send.RunAsync(new SentBlob(hash, entry.SizeBytes, entry.Name, revision.CreatedAt, entry.Lfs ? null : entry.GitId), response, ct)
            ?? new HubError(500, null, "The stored bytes of this file are damaged, so they are not served. Push the file again to mend it, or tell the operator.") as IResult;
    }
}
