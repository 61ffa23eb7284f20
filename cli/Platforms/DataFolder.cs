using System.Security.Cryptography;
using System.Text;

namespace ZooPlatform.Cli.Platforms;

/// <summary>Where a platform on this machine keeps all its state.</summary>
internal sealed record DataFolder(string Path)
{
    public string PlatformFile => System.IO.Path.Combine(Path, "platform.json");

    public string AdminFile => System.IO.Path.Combine(Path, "admin.json");

    /// <summary>There once the sample kits are in the zoo, so that a deleted sample stays deleted.</summary>
    public string SamplesFile => System.IO.Path.Combine(Path, "samples.json");

    public string AppHostLog => System.IO.Path.Combine(Path, "logs", "apphost.log");

    /// <summary><c>--data</c>, <c>ZOO_DATA</c>, else <c>.zoo</c> in the repository; for root, whose home others cannot
    /// enter, <c>/var/lib/zooplatform/&lt;instance&gt;</c>, an instance for each clone. The orchestrator has the same rule.</summary>
    public static DataFolder Find(Surroundings surroundings, string? given)
    {
        if ((given ?? surroundings.Read("ZOO_DATA")) is { } named)
        {
            return new DataFolder(System.IO.Path.GetFullPath(named));
        }
        var root = Repository.Root;
        return new DataFolder(Environment.IsPrivilegedProcess
            ? System.IO.Path.Combine("/var/lib/zooplatform", InstanceOf(root))
            : System.IO.Path.Combine(root, ".zoo"));
    }

    /// <summary>The clone's folder name and eight digits of its path's hash: two clones do not meet.</summary>
    private static string InstanceOf(string root)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(root));
        return $"{System.IO.Path.GetFileName(root)}-{Convert.ToHexStringLower(hash.AsSpan(0, 4))}";
    }

    public override string ToString() => Path;
}
