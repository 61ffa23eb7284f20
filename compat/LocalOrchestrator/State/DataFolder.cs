using System.Security.Cryptography;
using System.Text;

namespace ZooPlatform.LocalOrchestrator.State;

/// <summary>Everything one platform keeps. Held by a lock as long as the AppHost lives, so that two never share it.</summary>
/// <remarks>
/// <code>
/// platform.json    where it listens, its processes
/// secrets.json     generated passwords
/// logs/            a file a resource
/// postgres/  redis/  meilisearch/
/// artifact/  benchmark/  admin.json       the services' own
/// </code>
/// </remarks>
internal sealed class DataFolder : IDisposable
{
    // postgres, another user than root, must be able to pass through to its own folder, but not to look around.
    private static readonly UnixFileMode _mode = Private
        | (Environment.IsPrivilegedProcess ? UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : 0);

    /// <summary>For folders that only their owner may enter.</summary>
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly TimeSpan _untilKilledIsGone = TimeSpan.FromSeconds(1);

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
        PlatformFile = new PlatformFile(System.IO.Path.Combine(path, "platform.json"));
    }

    public string Path { get; }

    public PlatformFile PlatformFile { get; }

    public string Logs => System.IO.Path.Combine(Path, "logs");

    /// <summary>
    /// Where data lies when nothing else is said: <c>.zoo</c> in the repository; for root, whose repository may lie where no
    /// other user can enter, a folder under <c>/var/lib</c> that carries the repository's name and a hash of its place.
    /// </summary>
    public static string DefaultPath(string repository)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return System.IO.Path.Combine(repository, ".zoo");
        }
        var place = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(repository)))[..8];
        return System.IO.Path.Combine("/var/lib/zooplatform", $"{System.IO.Path.GetFileName(repository)}-{place}");
    }

    /// <exception cref="DistributedApplicationException">Another AppHost runs on this folder.</exception>
    public static async Task<DataFolder> OpenAsync(string path, TimeProvider time, CancellationToken ct)
    {
        path = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, _mode);
        var held = await LockAsync(System.IO.Path.Combine(path, "lock"), time, ct);
        if (held is null)
        {
            var other = new PlatformFile(System.IO.Path.Combine(path, "platform.json")).Read();
            throw new DistributedApplicationException(
                $"A platform already runs on {path}{(other is null ? "" : $" (process {other.Pid}, {other.Url})")}. "
                + "Stop it with ./zoo down, or choose another folder and port: --data, --port.");
        }
        var data = new DataFolder(path, held);
        Directory.CreateDirectory(data.Logs, Private);
        return data;
    }

    /// <summary>The folder of one server or service; it is made by its user.</summary>
    public string Of(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => _lock.Dispose();

    /// <summary>FileShare.None is flock(2): the kernel releases it when its process has ended, however it ends.</summary>
    /// <returns>Null when another process holds it, and not only because it is just ending.</returns>
    private static async Task<FileStream?> LockAsync(string path, TimeProvider time, CancellationToken ct)
    {
        for (var since = time.GetTimestamp(); ; await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct))
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (time.GetElapsedTime(since) < _untilKilledIsGone)
            {
            }
            catch (IOException)
            {
                return null;
            }
        }
    }
}
