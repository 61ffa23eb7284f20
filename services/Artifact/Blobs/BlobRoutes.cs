using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Blobs;

internal static class BlobRoutes
{
    private const int MaxAsked = 10_000;

    public static void MapBlobs(this IEndpointRouteBuilder routes)
    {
        var blobs = routes.MapGroup("/api/v1/repositories/{owner}/{name}/blobs").WithTags("Blobs").RequireAuthorization(Policies.Write)
            .WithExample(null, ("owner", "example-lab"), ("name", "example-model"));
        blobs.MapPost("/missing", Missing).WithName("FindMissingBlobs").ProducesProblem(404).ProducesProblem(422)
            .WithSummary("Ask which blobs must be sent").WithDescription("Of at most 10,000. What the caller could read anywhere in the zoo need not be sent again.")
            .WithExample(new MissingBlobs([new BlobReference("edbe55d686bf245c8b3ddb9ebcf6686d1d797fda046b7a26bd2f6d87bb60b9b5", 11)]));
        blobs.MapPost("/", PutMany).WithName("StoreBlobs").ProducesProblem(400).ProducesProblem(404).ProducesProblem(413)
            .WithSummary("Send many small blobs").WithDescription("Up to 10,000 of up to 1 MiB, 64 MiB together, each as a netstring: its size in decimal, ':', its bytes, ','. All or none.")
            .WithExample("11:hello, zoo\n,12:hello, again,")
            .WithMetadata(new RequestSizeLimitAttribute(StoreBatch.MaxBytes + StoreBatch.MaxBlobs * 16));
        blobs.MapPut("/{sha256}", Put).WithName("StoreBlob").ProducesProblem(404).ProducesProblem(413).ProducesProblem(422)
            .WithSummary("Send a blob").WithDescription("The bytes themselves; they must have the SHA-256 of the address. Large ones are better sent as uploads, which can be continued.")
            .WithExample("hello, zoo\n", ("sha256", "edbe55d686bf245c8b3ddb9ebcf6686d1d797fda046b7a26bd2f6d87bb60b9b5"))
            .WithMetadata(new DisableRequestSizeLimitAttribute());
    }

    private static async Task<Results<Ok<MissingBlobsAnswer>, ProblemHttpResult>> Missing(
        string owner, string name, JsonBody<MissingBlobs> body, Caller caller, ArtifactDb db, FindMissing missing, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Contributor, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var ask = await body.ReadAsync(ct);
        if (ask.Blobs.Count > MaxAsked) return ArtifactProblems.TooManyBlobs(ask.Blobs.Count, MaxAsked);
        foreach (var blob in ask.Blobs)
            if (!BlobHash.TryParse(blob.Sha256, out _)) return ArtifactProblems.HashInvalid(blob.Sha256);
        return TypedResults.Ok(new MissingBlobsAnswer(await missing.RunAsync(repository.Id, caller, ask.Blobs, ct)));
    }

    private static async Task<Results<Ok<StoredBlobs>, ProblemHttpResult>> PutMany(
        string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, StoreBatch store, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Contributor, caller, owner, name, ct);
        if (repository is null) return refusal!;
        if (request.Headers.ContentEncoding.Count > 0) return ArtifactProblems.EncodedBody;
        return await store.RunAsync(repository.Id, caller, request.Body, ct) switch
        {
            BatchOutcome.Stored stored => TypedResults.Ok(new StoredBlobs(stored.Blobs)),
            BatchOutcome.Unreadable unreadable => ArtifactProblems.BatchUnreadable(unreadable.Blobs),
            _ => ArtifactProblems.BatchTooLarge(StoreBatch.MaxBlobs, StoreBatch.MaxBlobBytes, StoreBatch.MaxBytes),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Put(
        string owner, string name, string sha256, Caller caller, HttpRequest request, ArtifactDb db, StoreBlob store, Storage.KeepQuota quota, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Contributor, caller, owner, name, ct);
        if (repository is null) return refusal!;
        if (!BlobHash.TryParse(sha256, out var hash)) return ArtifactProblems.HashInvalid(sha256);
        if (request.Headers.ContentEncoding.Count > 0) return ArtifactProblems.EncodedBody;
        await quota.ForetellAsync(repository.Id, hash.Value, request.ContentLength ?? 0, ct);
        return await store.RunAsync(repository.Id, caller, hash, request.Body, ct) switch
        {
            StoreOutcome.Stored => TypedResults.NoContent(),
            StoreOutcome.Mismatch wrong => ArtifactProblems.HashMismatch(sha256, wrong.Actual, wrong.SizeBytes),
            _ => ArtifactProblems.BlobTooLarge,
        };
    }
}
