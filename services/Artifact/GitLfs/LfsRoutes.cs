using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Capabilities;
using ZooPlatform.Artifact.HubProtocol;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Artifact.GitLfs;

/// <summary>Git LFS, as git-lfs and Hugging Face clients speak it. The batch call goes by the caller's credential; the addresses it gives are signed.</summary>
internal static class LfsRoutes
{
    public const string MediaType = "application/vnd.git-lfs+json";
    public const string Base = "/{owner}/{name}.git/info/lfs";

    /// <summary>The query parameter in which an address carries its capability.</summary>
    public const string Capability = "capability";

    private const int MaxObjects = 1000;
    private const int MaxBatchBytes = 1 << 20;

    public static void MapGitLfs(this IEndpointRouteBuilder routes)
    {
        var lfs = routes.MapGroup(Base).RequireAuthorization(Policies.Read).WithMetadata(ErrorShape.GitLfs).ExcludeFromDescription();
        lfs.AddEndpointFilter(async (context, next) =>
            await next(context) is var result && result is LfsError { IsRepositoryUnknown: true } ? await context.HttpContext.LeadAsync("/") ?? result : result);
        lfs.MapPost("/objects/batch", Batch);
        lfs.MapPost("/verify", Verify);
        lfs.MapLfsObjects();
        lfs.MapLfsParts();
        lfs.Map("/locks/{**rest}", () => new LfsError(501, "This zoo keeps no locks; git-lfs goes on without them."));
        foreach (var kind in new[] { "datasets", "spaces" })
            routes.Map($"/{kind}{Base}/{{**rest}}", (Caller caller) => LfsError.RepositoryUnknown(caller.IsAnonymous))
                .RequireAuthorization(Policies.Read).WithMetadata(ErrorShape.GitLfs).ExcludeFromDescription();
    }

    private static async Task<IResult> Batch(
        string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, AnswerBatch answer, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return LfsError.RepositoryUnknown(caller.IsAnonymous);
        var ask = await LenientJson.ReadAsync<BatchRequest>(request, MaxBatchBytes, ct);
        if (ask.HashAlgo is not (null or "sha256" or "sha_256")) return new LfsError(409, "Objects are named by their SHA-256 here.");
        if (ask.Operation is not ("download" or "upload")) return new LfsError(422, "'operation' is download or upload.");
        if (ask.Objects is not { Count: > 0 and <= MaxObjects } objects) return new LfsError(422, $"Ask about 1 to {MaxObjects} objects at once.");
        if (ask.Operation == "upload" && RefusalOf(repository, caller) is { } refusal) return refusal;

        if (ask.Operation == "upload" && ask.Transfers?.Contains("xet") == true) return TypedResults.Json(await answer.XetAsync(repository, caller, objects, ct), LenientJson.Options, MediaType);
        var answered = ask.Operation == "upload"
            ? await answer.UploadAsync(repository, caller, objects, ask.Transfers?.Contains("multipart") == true, ct)
            : await answer.DownloadAsync(repository, caller, objects, ct);
        return answered is null
            ? new LfsError(413, "The objects have too many parts together. Ask about fewer at once.")
            : TypedResults.Json(answered, LenientJson.Options, MediaType);
    }

    /// <summary>The client says that it has uploaded. The commit looks itself; this tells it earlier.</summary>
    private static async Task<IResult> Verify(
        string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, RedeemCapability redeem, FindMissing missing, CancellationToken ct)
    {
        Repository? repository;
        if (request.Query.TryGetValue(Capability, out var text))
        {
            switch (await redeem.RunAsync(text, Verbs.LfsVerify, Role.Contributor, ct))
            {
                case RedeemOutcome.Good good:
                    (repository, caller) = (good.Repository, good.Caller);
                    break;
                case RedeemOutcome.RepositoryUnknown:
                    return LfsError.RepositoryUnknown(anonymous: false);
                default:
                    return LfsError.CapabilityRefused;
            }
        }
        else
        {
            repository = await db.FindAsync(caller, owner, name, ct);
            if (repository is null) return LfsError.RepositoryUnknown(caller.IsAnonymous);
            if (RefusalOf(repository, caller) is { } refusal) return refusal;
        }
        var asked = await LenientJson.ReadAsync<ObjectReference>(request, MaxBatchBytes, ct);
        if (!BlobHash.TryParse(asked.Oid, out var hash)) return new LfsError(422, "'oid' is no SHA-256: 64 lower-case hexadecimal digits.");
        var lacking = await missing.RunAsync(repository.Id, caller, [new BlobReference(hash.Value, asked.Size)], ct);
        return lacking.Count == 0 ? TypedResults.Json(new { }, LenientJson.Options, MediaType) : new LfsError(404, $"{hash} has not arrived with {asked.Size} bytes.");
    }

    /// <summary>Why a caller who sees the repository may not upload to it; null: they may.</summary>
    private static LfsError? RefusalOf(Repository repository, Caller caller)
    {
        if (caller.IsAnonymous) return LfsError.RepositoryUnknown(anonymous: true);
        if (!IssueCapability.MayHold(caller, Verbs.LfsPut)) return new LfsError(403, "Your token lacks the scope write.");
        return repository.RoleOf(caller) >= Role.Contributor ? null : new LfsError(403, "Uploading needs the role contributor here, which you do not have.");
    }
}
