using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Artifact.Blobs.Local;

/// <summary>Takes a blob's file out of the store, and never another one that came in its place meanwhile.</summary>
/// <remarks>
/// Uploads keep files without asking anybody, so the same bytes may come again while the old file goes. Hence:
/// 1. Hold the file open, before anybody decides on it: its inode is nobody else's as long.
/// 2. (The caller decides: deletes the blob's row, or reads the bytes.)
/// 3. Rename it out of the store. 4. Was it the one that is held? If not, the new one goes back.
/// Whatever is killed between 3 and 4 leaves a file in <c>taken/</c>, which goes back at the next start.
/// </remarks>
internal sealed partial class TakenFile : IDisposable
{
    private const int EmptyPath = 0x1000;   // AT_EMPTY_PATH
    private const uint Inode = 0x100;       // STATX_INO
    private readonly LocalBlobs _store;
    private readonly BlobHash _hash;

    private TakenFile(LocalBlobs store, BlobHash hash, SafeFileHandle handle) => (_store, _hash, Handle) = (store, hash, handle);

    public SafeFileHandle Handle { get; }

    /// <returns>Null: there is no such file.</returns>
    public static TakenFile? TryHold(LocalBlobs store, BlobHash hash) => store.TryOpen(hash) is { } file ? new TakenFile(store, hash, file) : null;

    /// <summary>Steps 3 and 4, to be kept in this folder.</summary>
    /// <returns>Where it is now; null: another file is in its place, and stays.</returns>
    public string? TakeTo(string folder)
    {
        var place = _store.PathOf(_hash);
        var taken = Path.Combine(folder, $"{_hash.Value}.{Guid.CreateVersion7():N}");
        var held = InodeOf(Handle);
        using (var now = TryHold(_store, _hash))
            if (now is null || InodeOf(now.Handle) != held) return null;
        try
        {
            File.Move(place, taken, overwrite: true);   // a rename and nothing else: the name is new
            Failpoint.Reach("take.renamed");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        using (var file = File.OpenHandle(taken, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            if (InodeOf(file) == held) return taken;
        _store.PutBack(taken, _hash);
        return null;
    }

    public void Dispose() => Handle.Dispose();

    private static unsafe ulong InodeOf(SafeFileHandle file)
    {
        // struct statx is the same on every architecture: 256 bytes, the inode at 32.
        var facts = stackalloc byte[256];
        if (statx(file, "", EmptyPath, Inode, facts) < 0) throw new IOException($"statx failed: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        return BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(facts + 32, 8));
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(SafeFileHandle file, string path, int flags, uint mask, byte* facts);
}
