using System.Globalization;
using Microsoft.Win32.SafeHandles;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Transfers;

/// <summary>A file while it comes: <c>NAME.SHA256.partial</c> beside its place, held by one process at a time, put in place by renaming it.</summary>
internal sealed class PartialFile : IDisposable
{
    public const string Suffix = ".partial";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string target;

    private PartialFile(SafeFileHandle handle, string path, string target) => (Handle, Path, this.target) = (handle, path, target);

    public SafeFileHandle Handle { get; }

    public string Path { get; }

    /// <summary>Opens what an earlier attempt left, or begins. While another process holds it, waits for that one.</summary>
    /// <param name="waits">Told once, when there is another.</param>
    /// <returns>Null: the other one has put the file in place.</returns>
    public static async Task<PartialFile?> OpenAsync(TreeEntryView entry, string target, Action waits, TimeProvider time, CancellationToken ct)
    {
        var path = $"{target}.{entry.Sha256}{Suffix}";
        for (var waited = false; ;)
        {
            if (TryOpen(path) is { } handle)
            {
                if (waited && await FileDownload.HoldsAsync(target, entry, ct))
                {
                    File.Delete(path);
                    handle.Dispose();
                    return null;
                }
                return new PartialFile(handle, path, target);
            }
            if (!waited)
            {
                waits();
            }
            waited = true;
            await Task.Delay(Pause, time, ct);
        }
    }

    /// <summary>What pulls of other revisions of the file have left, and nobody writes now.</summary>
    public static IReadOnlyList<string> LeftoversOf(string target)
    {
        var folder = System.IO.Path.GetDirectoryName(target)!;
        var name = System.IO.Path.GetFileName(target);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*" + Suffix).Where(path => IsPartialOf(name, System.IO.Path.GetFileName(path)))]
            : [];
    }

    /// <summary>Deletes what pulls of other revisions have left of this file.</summary>
    public static void DeleteLeftoversOf(string target)
    {
        foreach (var path in LeftoversOf(target))
        {
            using var other = TryOpen(path);
            if (other is not null)
            {
                File.Delete(path + ArrivingFile.JournalSuffix);
                File.Delete(path);
            }
        }
    }

    /// <summary>Gives the file its name; on return it is durable there. It is held all the while, so nobody writes to it.</summary>
    public void PutInPlace(bool executable)
    {
        Durable.Sync(Handle, Path);
        Rename(executable);
        Durable.SyncFolder(System.IO.Path.GetDirectoryName(target)!);
    }

    /// <summary>Gives the file its name, and lets the disk take its time.</summary>
    public void Rename(bool executable)
    {
        if (executable)
        {
            File.SetUnixFileMode(Handle, File.GetUnixFileMode(Handle) | FileDownload.ExecuteForAll);
        }
        File.Move(Path, target, overwrite: true);
    }

    public void Delete() => File.Delete(Path);

    public void Dispose() => Handle.Dispose();

    /// <summary>Null: another process holds it, or has renamed or deleted it between our two steps.</summary>
    private static SafeFileHandle? TryOpen(string path)
    {
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (Durable.IsHeld(e))
        {
            return null;
        }
        if (IsCalled(handle, path))
        {
            return handle;
        }
        handle.Dispose();
        return null;
    }

    /// <summary>Opening and locking are two steps: does the name still mean what we locked? Where the system does not tell, it is taken for so.</summary>
    private static bool IsCalled(SafeFileHandle handle, string path) =>
        new FileInfo($"/proc/self/fd/{handle.DangerousGetHandle().ToString(CultureInfo.InvariantCulture)}").LinkTarget is not { } meant
        || System.IO.Path.GetFileName(meant) == System.IO.Path.GetFileName(path);

    private static bool IsPartialOf(string name, string file) =>
        file.Length == name.Length + 1 + 64 + Suffix.Length && file.StartsWith(name + ".", StringComparison.Ordinal)
        && file.AsSpan(name.Length + 1, 64).IndexOfAnyExcept("0123456789abcdef") < 0;

    /// <summary>Is it the name of a file that is coming, or of its journal?</summary>
    public static bool IsOne(string name)
    {
        var file = name.EndsWith(ArrivingFile.JournalSuffix, StringComparison.Ordinal) ? name[..^ArrivingFile.JournalSuffix.Length] : name;
        var hash = file.EndsWith(Suffix, StringComparison.Ordinal) ? file[..^Suffix.Length].Split('.')[^1] : "";
        return hash.Length == 64 && hash.All(char.IsAsciiHexDigitLower);
    }
}
