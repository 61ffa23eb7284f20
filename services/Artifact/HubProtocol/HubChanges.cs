using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>A line of a commit.</summary>
internal abstract record HubChange(FilePath Path)
{
    /// <param name="SizeBytes">As the client says; null: it does not.</param>
    internal sealed record Put(FilePath Path, BlobHash Hash, long? SizeBytes) : HubChange(Path);

    /// <summary>The file at another path of the parent, here too.</summary>
    internal sealed record Copy(FilePath Path, FilePath From) : HubChange(Path);

    internal sealed record Delete(FilePath Path) : HubChange(Path);

    /// <summary>A folder with all that is below.</summary>
    internal sealed record DeleteFolder(FilePath Path) : HubChange(Path);
}

/// <summary>Turns a commit's lines into changes of the parent's files.</summary>
internal sealed class HubChanges(ArtifactDb db)
{
    /// <summary>The last line about a path counts; what is put is not deleted as well.</summary>
    public async Task<(IReadOnlyList<CommitChange> Changes, HubError? Refusal)> ResolveAsync(Revision? parent, IReadOnlyList<HubChange> lines, CancellationToken ct)
    {
        var changes = new Dictionary<string, CommitChange>(StringComparer.Ordinal);
        foreach (var line in lines.Where(line => line is HubChange.DeleteFolder or HubChange.Delete))
        {
            if (line is HubChange.DeleteFolder)
            {
                if (parent is null || await db.ListTreeAsync(parent, line.Path, recursive: true, after: null, int.MaxValue - 1, ct) is not { } below) return ([], Missing(line.Path, parent));
                foreach (var file in below.Items)
                    if (FilePath.TryParse(file.Path, out var path, out _)) changes[path.Value] = new CommitChange(path, null, false);
            }
            else
            {
                if (await FindFileAsync(parent, line.Path, ct) is null) return ([], Missing(line.Path, parent));
                changes[line.Path.Value] = new CommitChange(line.Path, null, false);
            }
        }
        foreach (var line in lines)
        {
            if (line is HubChange.Put put) changes[put.Path.Value] = new CommitChange(put.Path, put.Hash, false);
            if (line is not HubChange.Copy copy) continue;
            if (await FindFileAsync(parent, copy.From, ct) is not { } source || !BlobHash.TryParse(source.Sha256, out var hash)) return ([], Missing(copy.From, parent));
            changes[copy.Path.Value] = new CommitChange(copy.Path, hash, source.Kind == EntryKind.Executable);
        }
        return ([.. changes.Values], null);
    }

    /// <summary>The first LFS file whose size is not what the client says, among those the caller may commit.</summary>
    public async Task<HubChange.Put?> FindWrongSizeAsync(Guid repositoryId, Caller caller, IReadOnlyList<HubChange> lines, CancellationToken ct)
    {
        var sized = lines.OfType<HubChange.Put>().Where(put => put.SizeBytes is not null).ToList();
        var hashes = sized.Select(put => put.Hash.Value).Distinct().ToArray();
        var sizes = await db.BlobsOf(repositoryId, caller).Where(blob => hashes.Contains(blob.Sha256))
            .ToDictionaryAsync(blob => blob.Sha256, blob => blob.SizeBytes, ct);
        return sized.Find(put => sizes.TryGetValue(put.Hash.Value, out var size) && size != put.SizeBytes);
    }

    private async Task<TreeEntry?> FindFileAsync(Revision? parent, FilePath path, CancellationToken ct) =>
        parent is not null && await db.FindEntryAsync(parent, path, ct) is { Kind: not EntryKind.Folder } entry ? entry : null;

    private static HubError Missing(FilePath path, Revision? parent) =>
        new(404, "EntryNotFound", $"A file with this name doesn't exist: '{path}'. Nothing was committed.", parent?.Id);
}
