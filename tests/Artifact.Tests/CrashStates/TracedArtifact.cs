using ZooPlatform.Artifact.Tests.Support;

namespace ZooPlatform.Artifact.Tests.CrashStates;

/// <summary>The service from its first moment on under strace: what it asks of the disk, and what it tells PostgreSQL and its clients.</summary>
public class TracedArtifact : ArtifactProcess
{
    private const string Calls = "openat,close,write,pwrite64,pwritev,copy_file_range,ftruncate,fallocate,rename,renameat,renameat2,link,linkat,unlink,unlinkat,"
        + "mkdir,mkdirat,rmdir,fsync,fdatasync,syncfs,sendto,sendmsg,writev";

    private readonly string _log = Path.GetTempFileName();

    /// <summary>The folder that the model stands for.</summary>
    public string Root => Path.Combine(DataFolder, "artifact");

    public bool Watched { get; set; } = true;

    protected override string Grace => "00:00:00";

    // -D: the service is the process that is started here, strace its grandchild.
    protected override IReadOnlyList<string> Wrapper =>
        Watched ? ["strace", "-D", "-f", "--seccomp-bpf", "-xx", "--string-limit=4000000", "--signal=SIGKILL", $"--output={_log}", "-e", $"trace={Calls}"] : base.Wrapper;

    /// <summary>What was seen of the process, which has died.</summary>
    internal async Task<IReadOnlyList<TracedCall>> ReadAsync()
    {
        for (var i = 0; i < 200; i++)
        {
            var lines = await File.ReadAllLinesAsync(_log);
            if (lines.Any(line => line.StartsWith($"{Id} ", StringComparison.Ordinal) && line.Contains(" +++ ", StringComparison.Ordinal))) return TracedCall.Read(lines);
            await Task.Delay(50);
        }
        throw new TimeoutException("strace did not see the service die within 10 s.");
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        File.Delete(_log);
    }

    /// <summary>Puts a crash state into the folder's place and starts the service upon it.</summary>
    internal async Task StartOnAsync(ModelDisk disk, Func<Change, bool> kept)
    {
        Directory.Delete(Root, recursive: true);
        disk.Materialise(Root, kept);
        Watched = false;
        await RunAsync();
    }
}
