using System.Text.Json.Serialization;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>A file or folder in a listing.</summary>
/// <param name="Oid">What git calls it: of an LFS file, the pointer's.</param>
/// <param name="Size">Of an LFS file, its content's; of a folder 0.</param>
/// <param name="XetHash">Clients read the file by Xet; null: by plain HTTP.</param>
internal sealed record HubEntry(
    string Type, string Oid, long Size, string Path,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] HubLfs? Lfs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? XetHash = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] HubLastCommit? LastCommit = null)
{
    public static HubEntry Of(string path, bool folder, string gitId, bool lfs, string? sha256, long sizeBytes) => folder
        ? new HubEntry("directory", gitId, 0, path)
        : new HubEntry("file", gitId, sizeBytes, path, lfs ? new HubLfs(sha256!, sizeBytes, PointerBytes(sha256!, sizeBytes)) : null);

    public static int PointerBytes(string sha256, long sizeBytes) => GitIds.Pointer(sha256, sizeBytes).Length;   // ASCII
}

internal sealed record HubLfs(string Oid, long Size, int PointerSize);

internal sealed record HubLastCommit(string Id, string Title, string Date)
{
    public static HubLastCommit Of(Revision revision) => new(revision.Id, HubHistory.TitleOf(revision.Message), HubRoutes.At(revision.CreatedAt));
}
