using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Capabilities;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Artifact.Uploads;
using ZooPlatform.Artifact.Xet;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.GitLfs;

/// <summary>Says where each object of a batch is read or sent, to a caller whose right to ask is settled.</summary>
/// <remarks>An object counts as there when this caller could read it anyway or has sent it to this repository (<see cref="FindMissing"/>):
/// what only others' private repositories hold has to be sent, so nobody learns of it.</remarks>
internal sealed class AnswerBatch(
    ArtifactDb db, IBlobStore store, FindMissing missing, BeginUpload begin, IssueCapability issue, XetTokens xet, PublicUrl url, IOptions<ArtifactOptions> options)
{
    private const int MaxPartsInAll = 50_000;
    private static readonly TimeSpan s_uploadLife = TimeSpan.FromHours(12), s_downloadLife = TimeSpan.FromHours(1);

    public async Task<BatchAnswer?> DownloadAsync(Repository repository, Caller caller, IReadOnlyList<ObjectReference?> asked, CancellationToken ct)
    {
        var hashes = asked.Select(one => one?.Oid).OfType<string>().Distinct().ToArray();
        var held = await db.RepositoryBlobs.Where(row => row.RepositoryId == repository.Id && hashes.Contains(row.Sha256))
            .Join(db.Blobs, row => row.Sha256, blob => blob.Sha256, (row, blob) => new { blob.Sha256, blob.SizeBytes })
            .ToDictionaryAsync(blob => blob.Sha256, blob => blob.SizeBytes, ct);
        var lost = (await store.FindLostAsync([.. held.Select(blob => BlobHash.TryParse(blob.Key, out var hash) ? new BlobRef(hash, blob.Value) : (BlobRef?)null).OfType<BlobRef>()], ct)).ToHashSet();
        var objects = new List<BatchObject>(asked.Count);
        foreach (var (oid, size) in asked.Select(one => (one?.Oid ?? "", one?.Size ?? 0)))
        {
            if (!BlobHash.TryParse(oid, out var hash)) objects.Add(Invalid(oid, size));
            else if (!held.TryGetValue(oid, out var sizeBytes) || lost.Contains(new BlobRef(hash, sizeBytes)))
                objects.Add(new BatchObject(oid, size, Error: new BatchError(404, "This repository holds no such object.")));
            else
                objects.Add(new BatchObject(oid, sizeBytes, Actions(("download", await ActionAsync(repository, caller, Verbs.LfsGet, $"/objects/{oid}", s_downloadLife, ct, oid)))));
        }
        return new BatchAnswer("basic", objects);
    }

    /// <param name="multipart">The client can send parts.</param>
    /// <returns>Null: too many parts for one answer.</returns>
    public async Task<BatchAnswer?> UploadAsync(
        Repository repository, Caller caller, IReadOnlyList<ObjectReference?> asked, bool multipart, CancellationToken ct)
    {
        var good = asked.OfType<ObjectReference>().Where(one => RefusalOf(one) is null).DistinctBy(one => one.Oid).ToList();
        var partBytes = good.ToDictionary(one => one.Oid!, one => PartBytes(one.Size, multipart), StringComparer.Ordinal);
        if (good.Sum(one => partBytes[one.Oid!] is { } bytes ? Parts(one.Size, bytes) : 0L) > MaxPartsInAll) return null;
        var lacking = (await missing.RunAsync(repository.Id, caller, [.. good.Select(one => new BlobReference(one.Oid!, one.Size))], ct)).ToHashSet(StringComparer.Ordinal);

        var objects = new List<BatchObject>(asked.Count);
        foreach (var one in asked.Select(one => one ?? new ObjectReference("", 0)))
        {
            if (RefusalOf(one) is { } refusal) objects.Add(refusal);
            else if (!lacking.Contains(one.Oid!)) objects.Add(new BatchObject(one.Oid!, one.Size));
            else objects.Add(new BatchObject(one.Oid!, one.Size, Actions(
                ("upload", partBytes[one.Oid!] is { } bytes && BlobHash.TryParse(one.Oid, out var hash) ? await PartsAsync(repository, caller, hash, one.Size, bytes, ct)
                    : await ActionAsync(repository, caller, Verbs.LfsPut, $"/objects/{one.Oid}", s_uploadLife, ct, one.Oid, one.Size)),
                ("verify", await ActionAsync(repository, caller, Verbs.LfsVerify, "/verify", s_uploadLife, ct)))));
        }
        return new BatchAnswer(lacking.Any(oid => partBytes[oid] is not null) ? "multipart" : "basic", objects);
    }

    /// <summary>By Xet, which sends of each object only what the zoo has not. Python reads the transfer alone and asks for a token itself;
    /// JavaScript takes the token from the action's headers and a new one from its address.</summary>
    public async Task<BatchAnswer> XetAsync(Repository repository, Caller caller, IReadOnlyList<ObjectReference?> asked, CancellationToken ct)
    {
        var token = await xet.MakeAsync(caller, repository.Id, Verbs.XetWrite, revision: null, ct);
        var header = new Dictionary<string, string>(token.Headers) { ["X-Xet-Session-Id"] = Guid.CreateVersion7().ToString() };
        var upload = new BatchAction(url.Of($"/api/models/{repository.Owner.Name}/{repository.Name}/xet-write-token/{Ref.Main}"), (int)XetTokens.Life.TotalSeconds, header);
        var good = asked.OfType<ObjectReference>().Where(one => RefusalOf(one) is null).Select(one => new BlobReference(one.Oid!, one.Size)).ToList();
        var lacking = (await missing.RunAsync(repository.Id, caller, good, ct)).ToHashSet(StringComparer.Ordinal);
        return new BatchAnswer("xet", [.. asked.Select(one => one ?? new ObjectReference("", 0)).Select(one =>
            RefusalOf(one) ?? new BatchObject(one.Oid!, one.Size, lacking.Contains(one.Oid!) ? Actions(("upload", upload)) : null))]);
    }

    private BatchObject? RefusalOf(ObjectReference one)
    {
        if (!BlobHash.TryParse(one.Oid, out _) || one.Size < 0) return Invalid(one.Oid ?? "", one.Size);
        return one.Size > options.Value.MaxBlobBytes
            ? new BatchObject(one.Oid!, one.Size, Error: new BatchError(422, "The file is larger than this zoo takes. Split it, or ask the operator to raise Artifact:MaxBlobBytes."))
            : null;
    }

    private static BatchObject Invalid(string oid, long size) => new(oid.Length > 100 ? oid[..100] : oid, size,
        Error: new BatchError(422, "An object is named by 64 lower-case hexadecimal digits of SHA-256, and has 0 or more bytes."));

    // At most 1,000 parts, however large the object is.
    private long? PartBytes(long sizeBytes, bool multipart) =>
        multipart && sizeBytes > options.Value.PartBytes ? Math.Max(options.Value.PartBytes, (sizeBytes + 999) / 1000) : null;

    private static long Parts(long sizeBytes, long partBytes) => (sizeBytes + partBytes - 1) / partBytes;

    private async Task<BatchAction> PartsAsync(Repository repository, Caller caller, BlobHash hash, long sizeBytes, long partBytes, CancellationToken ct)
    {
        var (upload, _) = await begin.RunAsync(repository.Id, caller, hash, sizeBytes, ct);
        var header = new Dictionary<string, string> { ["chunk_size"] = partBytes.ToString(CultureInfo.InvariantCulture) };
        var path = $"/objects/{hash}/parts/{upload.Id}";
        for (var (part, offset) = (1, 0L); offset < sizeBytes; part++, offset += partBytes)
            header[part.ToString("D5", CultureInfo.InvariantCulture)] = (await ActionAsync(
                repository, caller, Verbs.LfsPart, $"{path}/{offset}", s_uploadLife, ct, hash.Value, Math.Min(partBytes, sizeBytes - offset), offset)).Href;
        return await ActionAsync(repository, caller, Verbs.LfsComplete, path, s_uploadLife, ct, hash.Value, sizeBytes) with { Header = header };
    }

    private async Task<BatchAction> ActionAsync(Repository repository, Caller caller, string verb, string path, TimeSpan life, CancellationToken ct,
        string? oid = null, long? sizeBytes = null, long? part = null)
    {
        var capability = await issue.RunAsync(caller, repository.Id, verb, life, ct, oid, sizeBytes, part);
        return new BatchAction(url.Of($"/{repository.Owner.Name}/{repository.Name}.git/info/lfs{path}?{LfsRoutes.Capability}={capability}"), (int)life.TotalSeconds);
    }

    private static Dictionary<string, BatchAction> Actions(params (string Name, BatchAction Action)[] actions) =>
        actions.ToDictionary(one => one.Name, one => one.Action);
}
