using System.Runtime.InteropServices;

namespace ZooPlatform.Benchmark.Workers;

/// <summary>
/// Where workers live:
/// <code>
/// &lt;DataFolder&gt;/benchmark/
///   device                id of the profile that this machine had at the last start
///   models/&lt;sha256&gt;       blobs, checked; bounded, the longest unused go first
///   jobs/&lt;id&gt;/root         empty; the worker's own root folder is mounted here
///   jobs/&lt;id&gt;/files        all that the worker sees: the model's files and sample data
/// </code>
/// </summary>
internal sealed class WorkerFolders
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public WorkerFolders(IConfiguration configuration)
    {
        var data = configuration["Platform:DataFolder"]
            ?? throw new InvalidOperationException("Setting Platform:DataFolder is missing: the AppHost gives it to each service.");
        Models = Path.Combine(data, "benchmark", "models");
        Jobs = Path.Combine(data, "benchmark", "jobs");
        Device = Path.Combine(data, "benchmark", "device");
        // Copies of models are nobody else's to read; workers, who run as another user, only pass through to their own job.
        Directory.CreateDirectory(Path.Combine(data, "benchmark"), OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        Directory.CreateDirectory(Models, OwnerOnly);

        // Whatever lies here belongs to workers of a process that is gone.
        if (Directory.Exists(Jobs))
        {
            Directory.Delete(Jobs, recursive: true);
        }

        Directory.CreateDirectory(Jobs, OwnerOnly | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
    }

    public string Models { get; }

    public string Jobs { get; }

    public string Device { get; }

    /// <summary>The worker's assemblies and sandbox.sh.</summary>
    public static string Worker { get; } = Path.Combine(AppContext.BaseDirectory, "worker");

    /// <summary>The folder of the .NET that runs this process: <c>dotnet</c> and its shared frameworks.</summary>
    public static string Dotnet { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    public JobFolder NewJob() => new(Path.Combine(Jobs, Guid.CreateVersion7().ToString("N")));
}

/// <summary>One worker's folder; gone when disposed.</summary>
internal sealed class JobFolder : IDisposable
{
    private const UnixFileMode OwnerWritesAllRead = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public JobFolder(string path)
    {
        Location = path;
        Directory.CreateDirectory(Root, OwnerWritesAllRead);
        Directory.CreateDirectory(Files, OwnerWritesAllRead);
    }

    public string Location { get; }

    public string Root => Path.Combine(Location, "root");

    public string Files => Path.Combine(Location, "files");

    /// <summary>Puts a copy of a file into the job, readable by the worker; a reflink where the file system can.</summary>
    /// <param name="relative">A path inside a repository.</param>
    /// <exception cref="InvalidDataException">The path leads out of the job's folder.</exception>
    public void Add(string source, string relative)
    {
        var target = Path.GetFullPath(Path.Combine(Files, relative));
        if (!target.StartsWith(Files + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"The path '{relative}' leads out of its folder.");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!, OwnerWritesAllRead);
        File.Copy(source, target);
        File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    public void Dispose()
    {
        if (Directory.Exists(Location))
        {
            Directory.Delete(Location, recursive: true);
        }
    }
}
