using System.Diagnostics;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>The service on a small disk of its own, which the test fills and empties: a tmpfs in a mount namespace of the process, so that
/// every refusal is the kernel's own.</summary>
public sealed class ArtifactOnAScarceDisk : ArtifactProcess
{
    private const int Inodes = 500;
    private static readonly bool s_isRoot = Environment.IsPrivilegedProcess;

    /// <summary>Why there can be no such disk on this machine; null when there can. Where CI=true it is never excused.</summary>
    public static string? SkipReason { get; } = Environment.GetEnvironmentVariable("CI") == "true" ? null
        : Succeeds([.. Namespace, "mount -t tmpfs none /mnt"]) ? null
        : "This machine lets its users mount nothing, not even in a namespace of their own (unshare --user --mount).";

    // Its logs lie elsewhere: they stay open for writing, and what is open so cannot be made read-only.
    protected override IReadOnlyList<string> Wrapper =>
        [.. Namespace, $"mount -t tmpfs -o size=48m,nr_inodes={Inodes} none {DataFolder} && ln -s \"$(mktemp -d)\" {DataFolder}/logs && exec \"$@\"", "sh"];

    private static string[] Namespace => ["unshare", "--mount", .. s_isRoot ? Array.Empty<string>() : ["--user", "--map-root-user"], "sh", "-c"];

    /// <summary>The disk as this process, outside the namespace, reaches it.</summary>
    public string Disk => $"/proc/{Id}/root{DataFolder}";

    private string Filler => Path.Combine(Disk, "filler");

    /// <summary>Leaves this many bytes; the kernel gives them out in pages of 4096.</summary>
    public void Fill(long leaveBytes)
    {
        Free();
        var free = new DriveInfo(Disk).AvailableFreeSpace;
        using var filler = File.OpenHandle(Filler, FileMode.CreateNew, FileAccess.Write);
        var pages = (free - leaveBytes + 4095) / 4096;
        var page = new byte[4096];
        for (var i = 0L; i < pages; i++) RandomAccess.Write(filler, page, i * page.Length);
    }

    /// <summary>Leaves no room for another name.</summary>
    public void TakeAllNames()
    {
        Free();
        Directory.CreateDirectory(Filler);
        try
        {
            for (var i = 0; ; i++) File.Create(Path.Combine(Filler, $"{i}")).Dispose();
        }
        catch (IOException)
        {
            // as meant
        }
    }

    public void Free()
    {
        if (Directory.Exists(Filler)) Directory.Delete(Filler, recursive: true);
        else File.Delete(Filler);
    }

    /// <summary>Makes the disk refuse every write, as Linux does with one that reported errors; or take them again. Linux waits for no file
    /// that is still open for writing, so this does.</summary>
    public async Task RemountAsync(string mode)
    {
        for (var i = 0; !TryRemount(mode); i++)
        {
            Assert.True(i < 50, $"The disk could not be remounted {mode}.");
            await Task.Delay(100);
        }
    }

    private bool TryRemount(string mode) =>
        Succeeds(["nsenter", $"--target={Id}", "--mount", .. s_isRoot ? Array.Empty<string>() : ["--user", "--preserve-credentials"], "mount", "-o", $"remount,{mode}", DataFolder]);

    /// <summary>Files of the store, by folder: <c>blobs</c>, <c>uploads</c>, <c>temporary</c>.</summary>
    public IReadOnlyList<string> Stored(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Disk, "artifact", folder), "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path))];

    private static bool Succeeds(IReadOnlyList<string> command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

/// <summary>A test that needs <see cref="ArtifactOnAScarceDisk"/>: skipped with the reason where there is none, required where CI=true.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ScarceDiskFactAttribute : FactAttribute
{
    public ScarceDiskFactAttribute() => Skip = ArtifactOnAScarceDisk.SkipReason;
}

/// <inheritdoc cref="ScarceDiskFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ScarceDiskTheoryAttribute : TheoryAttribute
{
    public ScarceDiskTheoryAttribute() => Skip = ArtifactOnAScarceDisk.SkipReason;
}
