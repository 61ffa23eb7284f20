using System.Text;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>Says how each file of a commit shall come: inline in the commit (<c>regular</c>), or as an LFS object before it.</summary>
/// <remarks>Regular is what git could hold here: text, not large, and not kept by LFS by a line of <c>.gitattributes</c>. It is advice: what the
/// bytes are decides when they are committed.</remarks>
internal static class HubPreupload
{
    private const int MaxFiles = 1000, MaxBodyBytes = 8 << 20;

    public static void MapHubPreupload(this IEndpointRouteBuilder routes) => routes.MapPost($"{HubRoutes.Model}/preupload/{{**rest}}", Preupload);

    private static async Task<IResult> Preupload(
        string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, IBlobStore store, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(Role.Contributor, caller, owner, name, ct);
        if (repository is null) return refusal!;
        if (request.IsTrue("create_pr")) return HubCommit.NoPullRequests;
        if (await HubTarget.FindAsync(request, HubRoutes.SkipApi, repository.Id, db, ct) is not { Path: "" } target)
            return HubError.RevisionUnknown(HubTarget.NameAfter(request, HubRoutes.SkipApi));
        var ask = await LenientJson.ReadAsync<PreuploadRequest>(request, MaxBodyBytes, ct);
        if (ask.Files is not { Count: <= MaxFiles } files) return HubError.BadInput($"Ask about at most {MaxFiles} files at once.");

        var attributes = await AttributesAsync(ask.GitAttributes, target.Revision, db, store, ct);
        if (attributes is null) return HubError.BadInput($"{GitAttributes.FileName} is too long, or has a line that is.");
        var ignored = GitIgnore.Parse(ask.GitIgnore ?? "");
        var answers = new List<PreuploadFile>(files.Count);
        foreach (var file in files)
        {
            if (!FilePath.TryParse(file?.Path, out var path, out var invalid)) return HubError.BadInput($"The path '{file?.Path}' {invalid}. Nothing was uploaded; rename it.");
            var there = target.Revision is null ? null : await db.FindEntryAsync(target.Revision, path, ct);
            answers.Add(new PreuploadFile(path.Value, IsRegular(path, file!, attributes) ? "regular" : "lfs", ignored.Covers(path),
                there is { Kind: not EntryKind.Folder } ? there.Lfs ? there.Sha256 : there.GitId : null));
        }
        return TypedResults.Json(new { files = answers }, LenientJson.Options);
    }

    private static bool IsRegular(FilePath path, AskedFile file, GitAttributes attributes)
    {
        if (file.Size > BlobFacts.PlainLimitBytes || (attributes.IsLfs(path) && file.Size > 0)) return false;
        var sample = new byte[file.Sample?.Length ?? 0];
        if (!Convert.TryFromBase64String(file.Sample ?? "", sample, out var length)) return true;
        // The sample may end within a character.
        var text = sample.AsSpan(0, length);
        return !text.Contains((byte)0) && Enumerable.Range(0, 4).Any(cut => cut <= length && Utf8.IsValid(sample.AsSpan(0, length - cut)));
    }

    /// <summary>Those of the upload go before those of the revision. Null: they are more than git takes.</summary>
    private static async Task<GitAttributes?> AttributesAsync(string? given, Revision? revision, ArtifactDb db, IBlobStore store, CancellationToken ct)
    {
        if (given is not null) return Encoding.UTF8.GetByteCount(given) > GitAttributes.MaxBytes ? null : GitAttributes.Parse(Encoding.UTF8.GetBytes(given));
        if (revision is null || !FilePath.TryParse(GitAttributes.FileName, out var path, out _)
            || await db.FindEntryAsync(revision, path, ct) is not { Kind: not EntryKind.Folder } entry || !BlobHash.TryParse(entry.Sha256, out var hash)
            || await store.ReadAsync(new BlobRef(hash, entry.SizeBytes), ct) is not { } content) return GitAttributes.Empty;
        return GitAttributes.Parse(content);
    }

    private sealed record PreuploadRequest(IReadOnlyList<AskedFile?>? Files, string? GitIgnore, string? GitAttributes);

    /// <param name="Sample">The first 512 bytes, in base64.</param>
    private sealed record AskedFile(string? Path, long Size, string? Sample);

    /// <param name="Oid">What is there now: an LFS file's SHA-256, git's id of another.</param>
    private sealed record PreuploadFile(
        string Path, string UploadMode, bool ShouldIgnore, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Oid);
}
