using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact.Oci;

/// <summary>The pull half of OCI distribution: a revision is a ModelPack artifact. <c>/v2/</c> itself is Benchmark's.</summary>
internal static class OciRoutes
{
    private const int MaxPage = 1000;
    private static readonly string[] s_reads = ["GET", "HEAD"];
    private static readonly string[] s_writes = ["POST", "PUT", "PATCH", "DELETE"];
    private static readonly string[] s_accepted = [OciMediaTypes.Manifest, "*/*", "application/*"];

    public static void MapOci(this IEndpointRouteBuilder routes)
    {
        var oci = routes.MapGroup("/v2/{owner}/{name}").RequireAuthorization(Policies.Read).WithMetadata(ErrorShape.Oci).ExcludeFromDescription();
        oci.AddEndpointFilter(async (context, next) =>
        {
            context.HttpContext.Response.Headers["Docker-Distribution-API-Version"] = "registry/2.0";
            // Hidden is all that is refused so: it may have another name now.
            return await next(context) is var result && result is Refused ? await context.HttpContext.LeadAsync("/v2/") ?? result : result;
        });
        oci.MapMethods("/manifests/{reference}", s_reads, Manifest);
        oci.MapMethods("/blobs/{digest}", s_reads, Blob);
        oci.MapGet("/tags/list", Tags);
        oci.MapGet("/referrers/{digest}", Referrers);
        oci.MapMethods("/{kind}/{**rest}", s_reads, Other);
        oci.MapMethods("/{kind}/{**rest}", s_writes, Write);
    }

    private static async Task<IResult> Manifest(
        string owner, string name, string reference, Caller caller, ArtifactDb db, FindManifest find, HttpContext context, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return OciProblems.Hidden(caller, owner, name);
        if (reference.Contains(':', StringComparison.Ordinal) && !OciDigest.TryParse(reference, out _)) return OciProblems.DigestInvalid(reference);
        switch (await find.RunAsync(repository.Id, reference, ct))
        {
            case ManifestOutcome.Found { Manifest: var manifest }:
                return Accepts(context.Request) ? Send(manifest, repository, context.Response) : OciProblems.NotAccepted;
            case ManifestOutcome.TooLarge large:
                return OciProblems.ManifestTooLarge(large.SizeBytes, large.Files);
            default:
                return OciProblems.ManifestUnknown(reference);
        }
    }

    /// <remarks>Only what this repository's revisions hold: a digest tells nothing of what others have.</remarks>
    private static async Task<IResult> Blob(
        string owner, string name, string digest, Caller caller, ArtifactDb db, SendBlob send, HttpContext context, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return OciProblems.Hidden(caller, owner, name);
        if (!OciDigest.TryParse(digest, out var hash)) return OciProblems.DigestInvalid(digest);
        if (await db.OciDocuments.AsNoTracking().SingleOrDefaultAsync(known => known.RepositoryId == repository.Id && known.Sha256 == hash.Value, ct) is { } document)
            return Send(document, repository, context.Response);
        var size = await db.Blobs.Where(blob => blob.Sha256 == hash.Value && db.RepositoryBlobs.Any(held => held.RepositoryId == repository.Id && held.Sha256 == hash.Value))
            .Select(blob => (long?)blob.SizeBytes).SingleOrDefaultAsync(ct);
        if (size is not { } sizeBytes) return OciProblems.BlobUnknown(digest);
        Tell(context.Response, digest, repository);
        return await send.RunAsync(new SentBlob(hash, sizeBytes, hash.Value), context.Response, ct) ?? OciProblems.BlobDamaged(digest);
    }

    private static async Task<IResult> Tags(
        string owner, string name, Caller caller, ArtifactDb db, HttpResponse response, CancellationToken ct, string? n = null, string? last = null)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return OciProblems.Hidden(caller, owner, name);
        var limit = MaxPage;
        if (n is not null && !int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out limit)) return OciProblems.PageInvalid(MaxPage);
        limit = Math.Min(limit, MaxPage);
        var after = last ?? "";
        var names = await db.Refs.Where(named => named.RepositoryId == repository.Id && string.Compare(EF.Functions.Collate(named.Name, "C"), after) > 0)
            .OrderBy(named => EF.Functions.Collate(named.Name, "C")).Select(named => named.Name).Take(limit + 1).ToListAsync(ct);
        var page = names.Take(limit).ToList();
        var full = $"{repository.Owner.Name}/{repository.Name}".ToLowerInvariant();
        if (names.Count > limit && page.Count > 0) response.Headers.Link = $"</v2/{full}/tags/list?n={limit}&last={page[^1]}>; rel=\"next\"";
        return TypedResults.Json(new { name = full, tags = page });
    }

    private static async Task<IResult> Referrers(
        string owner, string name, string digest, Caller caller, ArtifactDb db, HttpResponse response, CancellationToken ct, string? artifactType = null)
    {
        if (await db.FindAsync(caller, owner, name, ct) is null) return OciProblems.Hidden(caller, owner, name);
        if (!OciDigest.TryParse(digest, out _)) return OciProblems.DigestInvalid(digest);
        if (artifactType is not null) response.Headers["OCI-Filters-Applied"] = "artifactType";
        return TypedResults.Json(new { schemaVersion = 2, mediaType = OciMediaTypes.Index, manifests = Array.Empty<object>() }, contentType: OciMediaTypes.Index);
    }

    private static async Task<IResult> Other(string owner, string name, Caller caller, ArtifactDb db, CancellationToken ct) =>
        await db.FindAsync(caller, owner, name, ct) is null ? OciProblems.Hidden(caller, owner, name) : OciProblems.RouteUnknown;

    private static async Task<IResult> Write(string owner, string name, Caller caller, ArtifactDb db, HttpResponse response, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is null) return OciProblems.Hidden(caller, owner, name);
        response.Headers.Allow = "GET, HEAD";
        return OciProblems.ReadOnly;
    }

    private static IResult Send(OciDocument document, Repository repository, HttpResponse response)
    {
        Tell(response, document.Digest, repository);
        return TypedResults.Bytes(document.Content, document.MediaType, enableRangeProcessing: true, entityTag: new EntityTagHeaderValue($"\"{document.Digest}\""));
    }

    private static void Tell(HttpResponse response, string digest, Repository repository)
    {
        response.Headers["Docker-Content-Digest"] = digest;
        response.Headers.CacheControl = repository.Visibility == Visibility.Public ? "no-cache" : "private, no-store";
    }

    /// <remarks>As registries do it: who names types and leaves ours out would not know what to do with it.</remarks>
    private static bool Accepts(HttpRequest request) =>
        request.Headers.Accept.Count == 0 || request.GetTypedHeaders().Accept.Any(type => s_accepted.Contains(type.MediaType.Value, StringComparer.OrdinalIgnoreCase));
}
