using System.Diagnostics;
using System.Globalization;

namespace ZooPlatform.Benchmark.Workers;

/// <summary>What one worker may take.</summary>
/// <param name="MemoryBytes">RLIMIT_DATA.</param>
/// <param name="HeapBytes">The managed heap's share of it.</param>
/// <param name="CpuSeconds">RLIMIT_CPU: processor time of all its threads.</param>
internal sealed record WorkerLimits(long MemoryBytes, long HeapBytes, int CpuSeconds);

/// <summary>
/// A way to start a worker. The strongest that this machine allows is found once, at start, by starting one
/// (<see cref="Devices.ThisDevice"/>):
/// 1. namespaces of its own (no network, no other's processes, a root folder that shows only system libraries, .NET, the worker and its
///    job, all read-only), as nobody; 2. as nobody, without namespaces; 3. as the service's own user.
/// All have limits of memory, processor time, open files and file size, no privileges to gain, and an empty environment.
/// </summary>
/// <param name="Limits">In words, for the device profile: what holds, and what could not be had.</param>
internal sealed record Sandbox(bool Namespaces, bool AsNobody, IReadOnlyList<string> Limits)
{
    private const string Nobody = "65534";
    private const string Assembly = "ZooPlatform.Benchmark.Worker.dll";

    /// <summary>Strongest first.</summary>
    public static IReadOnlyList<Sandbox> Candidates { get; } = Environment.IsPrivilegedProcess
        ?
        [
            new(true, true, ["own namespaces: no network, read-only root with nothing but its job", "runs as nobody"]),
            new(false, true, ["no namespaces: not had on this machine; network and readable files stay in reach", "runs as nobody"]),
            new(false, false, ["no namespaces: not had on this machine; network and files stay in reach", "runs as root: nobody cannot reach the worker's folder"]),
        ]
        :
        [
            new(true, false, ["own namespaces: no network, read-only root with nothing but its job", "runs as the service's user"]),
            new(false, false, ["no namespaces: not had on this machine; network and the service's files stay in reach", "runs as the service's user"]),
        ];

    public ProcessStartInfo Command(JobFolder job, WorkerLimits limits)
    {
        var start = new ProcessStartInfo
        {
            FileName = "/usr/bin/env",
            WorkingDirectory = job.Files,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A worker whose service was killed is of no use, and nobody would end one that is stopped or deaf.
        IEnumerable<string> command = Namespaces
            ? [.. EndsWithParent, .. InNamespaces(job), .. Limited(limits), "env", "--chdir=/job", "/dotnet/dotnet", $"/worker/{Assembly}"]
            : [.. EndsWithParent, .. Limited(limits), Path.Combine(WorkerFolders.Dotnet, "dotnet"), Path.Combine(WorkerFolders.Worker, Assembly)];
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        // An environment of its own: nothing of the service's settings, secrets among them, is passed on.
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["HOME"] = "/";
        start.Environment["ORT_DISABLE_TELEMETRY"] = "1";
        start.Environment["DOTNET_GCHeapHardLimit"] = limits.HeapBytes.ToString("X", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_EnableDiagnostics"] = "0";        // it would write a socket to /tmp
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";    // it would need files, and the file size limit is 0
        return start;
    }

    private static readonly string[] EndsWithParent = ["setpriv", "--pdeathsig", "KILL", "--"];

    private IEnumerable<string> InNamespaces(JobFolder job) =>
    [
        "unshare", "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child",
        .. Environment.IsPrivilegedProcess ? Array.Empty<string>() : ["--user", "--map-root-user"],
        "--", "/bin/sh", Path.Combine(WorkerFolders.Worker, "sandbox.sh"), job.Root, job.Files, WorkerFolders.Worker, WorkerFolders.Dotnet,
    ];

    private IEnumerable<string> Limited(WorkerLimits limits) =>
    [
        "prlimit", $"--data={limits.MemoryBytes}", $"--cpu={limits.CpuSeconds}", "--nofile=64", "--fsize=0", "--core=0",
        "setpriv", "--no-new-privs", "--inh-caps=-all", "--pdeathsig", "KILL",   // once more: becoming another user forgets it
        .. Environment.IsPrivilegedProcess || Namespaces ? ["--bounding-set=-all"] : Array.Empty<string>(),
        .. AsNobody ? [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups"] : Array.Empty<string>(),
    ];
}
