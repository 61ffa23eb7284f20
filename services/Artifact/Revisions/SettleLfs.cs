using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>Makes a snapshot and its <c>.gitattributes</c> agree: every file kept by LFS is covered by a line, and every file
/// that a line covers is kept by LFS. So a clone is clean for git-lfs.</summary>
internal sealed class SettleLfs(ArtifactDb db, IBlobStore store, Spool spool, TimeProvider time)
{
    private static readonly FilePath s_attributes = Parse(GitAttributes.FileName);

    /// <param name="loadAll">Reads all folders at once, when every file has to be looked at.</param>
    /// <returns>The hashes of blobs this made, or a refusal.</returns>
    public async Task<(IReadOnlyList<string> Made, CommitOutcome? Refusal)> RunAsync(
        Snapshot snapshot, IReadOnlyList<CommitChange> changes, Func<Task> loadAll, CancellationToken ct)
    {
        foreach (var change in changes)
            if (change.Path.Segments[^1] == GitAttributes.FileName && await snapshot.FindAsync(change.Path, ct) is { } put && !IsSound(put))
                return ([], new CommitOutcome.PathRefused(change.Path, $"is larger than {GitAttributes.MaxBytes} bytes or no text, which git refuses"));
        var attributes = await ReadAsync(snapshot, ct);
        if (attributes is null) return ([], new CommitOutcome.PathRefused(s_attributes, "has a line of more than 2,048 bytes, which git refuses"));

        var touched = await TouchedAsync(snapshot, changes, ct);
        foreach (var (path, entry) in touched)
            if (entry.Lfs) attributes.Cover(path);
        // Other lines than before may cover files that this commit does not touch.
        var others = attributes.Grew || changes.Any(change => change.Path == s_attributes);
        if (others) await loadAll();
        var all = others ? await snapshot.FilesAsync(ct) : touched;
        foreach (var (path, entry) in all)
            if (entry.Lfs) attributes.Cover(path);
        foreach (var (path, entry) in all)
            if (!entry.Lfs && entry.SizeBytes > 0 && entry.Name != GitAttributes.FileName && attributes.IsLfs(path))
                await snapshot.PutAsync(path, entry with { Lfs = true, GitId = GitIds.OfPointer(entry.Sha256, entry.SizeBytes) }, ct);
        return attributes.Grew ? await WriteAsync(snapshot, attributes, ct) : ([], null);
    }

    private async Task<GitAttributes?> ReadAsync(Snapshot snapshot, CancellationToken ct) =>
        await snapshot.FindAsync(s_attributes, ct) is { } entry && BlobHash.TryParse(entry.Sha256, out var hash)
            ? GitAttributes.Parse(await store.ReadAsync(new BlobRef(hash, entry.SizeBytes), ct) ?? throw new IOException($"Blob {hash}, a {GitAttributes.FileName}, is lost or cut."))
            : GitAttributes.Empty;

    private async Task<(IReadOnlyList<string>, CommitOutcome?)> WriteAsync(Snapshot snapshot, GitAttributes attributes, CancellationToken ct)
    {
        var content = attributes.Content;
        if (content.Length > GitAttributes.MaxBytes)
            return ([], new CommitOutcome.PathRefused(s_attributes, $"would need more than {GitAttributes.MaxBytes} bytes; give large files fewer different extensions"));
        var facts = BlobFacts.Of(content);
        await using var kept = await store.KeepAsync(spool, content, facts.Hash, ct);
        await db.AddBlobAsync(facts, time.GetUtcNow(), ct);
        var refusal = await snapshot.PutAsync(s_attributes,
            new TreeEntry(GitAttributes.FileName, EntryKind.File, false, facts.GitId, facts.Hash.Value, facts.SizeBytes, 1), ct);
        return refusal is null ? ([facts.Hash.Value], null) : ([], new CommitOutcome.PathRefused(s_attributes, refusal));
    }

    private static async Task<IReadOnlyList<(FilePath Path, TreeEntry Entry)>> TouchedAsync(
        Snapshot snapshot, IReadOnlyList<CommitChange> changes, CancellationToken ct)
    {
        var touched = new List<(FilePath, TreeEntry)>();
        foreach (var change in changes)
            if (change.Hash is not null && await snapshot.FindAsync(change.Path, ct) is { } entry) touched.Add((change.Path, entry));
        return touched;
    }

    private static bool IsSound(TreeEntry attributes) => attributes is { Lfs: false, SizeBytes: <= GitAttributes.MaxBytes };

    private static FilePath Parse(string path) => FilePath.TryParse(path, out var parsed, out var refusal) ? parsed : throw new ArgumentException(refusal);
}
