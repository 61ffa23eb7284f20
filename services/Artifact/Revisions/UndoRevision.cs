using System.Text;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Revisions;

internal abstract record UndoOutcome
{
    /// <summary>What the commit that takes it back came to.</summary>
    internal sealed record Tried(CommitOutcome Outcome) : UndoOutcome;

    internal sealed record NoSuchRevision : UndoOutcome;

    /// <summary>Later revisions touched these files.</summary>
    internal sealed record Conflict(IReadOnlyList<string> Paths) : UndoOutcome;

    /// <summary>All it did is taken back already.</summary>
    internal sealed record Nothing(Revision Head) : UndoOutcome;
}

/// <summary>Makes a revision that takes back what another one did to its parent.</summary>
/// <remarks>
/// 1. Compare the revision with its parent.
/// 2. For each file that differs, look at the branch's head: as the revision left it, it goes back; as the parent had it, it stays; anything
///    else is a conflict. Commits write lines into <c>.gitattributes</c> themselves, so later ones are no conflict there: the lines that the
///    revision added go, and the commit adds again what files that stay need. Lines that it changed or took away are a conflict as anywhere.
/// 3. Commit.
/// </remarks>
internal sealed class UndoRevision(ArtifactDb db, IBlobStore store, Spool spool, StageBlob stage, CommitRevision commit)
{
    public async Task<UndoOutcome> RunAsync(Guid repositoryId, string undone, RefName branch, string expectedParent, string? message, Caller caller, CancellationToken ct)
    {
        // 1
        if (await db.FindRevisionAsync(repositoryId, undone, ct) is not { } revision) return new UndoOutcome.NoSuchRevision();
        var revisions = db.Revisions.AsNoTracking().Where(row => row.RepositoryId == repositoryId);
        if (await revisions.SingleOrDefaultAsync(row => row.Id == expectedParent, ct) is not { } head) return new UndoOutcome.NoSuchRevision();
        var parent = revision.Parent is null ? null : await revisions.SingleOrDefaultAsync(row => row.Id == revision.Parent, ct);
        if (revision.Parent is not null && parent is null) return new UndoOutcome.NoSuchRevision();
        var folders = new Folders(db, repositoryId);
        var did = (await TreeDiff.AllAsync(folders, parent?.Tree, revision.Tree, ct)).Select(file => (File: file, Path: Parse(file.Path))).ToList();
        // 2
        await folders.LoadAlongAsync(head.Tree, did.Select(one => one.Path), ct);
        var snapshot = await Snapshot.OpenAsync(folders.GetAsync, head.Tree, ct);
        var (changes, conflicts) = (new List<CommitChange>(), new List<string>());
        foreach (var (file, path) in did)
        {
            var there = await snapshot.FindAsync(path, ct);
            if (Same(there, file.Old)) continue;
            if (Same(there, file.New)) changes.Add(new CommitChange(path, HashOf(file.Old), file.Old?.Kind == EntryKind.Executable));
            else if (path.Value != GitAttributes.FileName || there is null || await WithoutAddedAsync(file, there, ct) is not { } text) conflicts.Add(path.Value);
            else if (text.Length == 0) changes.Add(new CommitChange(path, null, false));
            else if (BlobFacts.Of(text) is var facts && facts.Hash.Value != there.Sha256) changes.Add(new CommitChange(path, await KeepAsync(repositoryId, caller, facts, text, ct), false));
        }
        if (conflicts.Count > 0) return new UndoOutcome.Conflict(conflicts);
        if (changes.Count == 0) return new UndoOutcome.Nothing(head);
        // 3
        var title = message ?? $"Undo {revision.Number}: {revision.Message.Split('\n')[0]}";
        var outcome = await commit.RunAsync(repositoryId, new Commit(branch, expectedParent, title, changes), caller, ct);
        return outcome is CommitOutcome.PathRefused refused ? new UndoOutcome.Conflict([refused.Path.Value]) : new UndoOutcome.Tried(outcome);
    }

    /// <summary>A later <c>.gitattributes</c> without the lines that the revision added.</summary>
    /// <returns>Null: the revision did more to it.</returns>
    private async Task<byte[]?> WithoutAddedAsync(FileDifference did, TreeEntry later, CancellationToken ct) =>
        GitAttributes.WithoutAdded(await ReadAsync(did.Old, ct), await ReadAsync(did.New, ct), await ReadAsync(later, ct)) is { } text ? Encoding.UTF8.GetBytes(text) : null;

    private async Task<string> ReadAsync(TreeEntry? file, CancellationToken ct) => HashOf(file) is not { } hash ? ""
        : Encoding.UTF8.GetString(await store.ReadAsync(new BlobRef(hash, file!.SizeBytes), ct) ?? throw new IOException($"Blob {hash}, a {GitAttributes.FileName}, is lost or cut."));

    private async Task<BlobHash> KeepAsync(Guid repositoryId, Caller caller, BlobFacts facts, byte[] content, CancellationToken ct)
    {
        await using var kept = await store.KeepAsync(spool, content, facts.Hash, ct);
        await stage.RunAsync(repositoryId, caller, facts, ct);
        return facts.Hash;
    }

    private static bool Same(TreeEntry? a, TreeEntry? b) => a?.Sha256 == b?.Sha256 && a?.Kind == b?.Kind;

    private static BlobHash? HashOf(TreeEntry? entry) => entry is not null && BlobHash.TryParse(entry.Sha256, out var hash) ? hash : null;

    private static FilePath Parse(string path) => FilePath.TryParse(path, out var parsed, out var refusal) ? parsed
        : throw new InvalidOperationException($"A revision holds the path '{path}', which {refusal}.");
}
