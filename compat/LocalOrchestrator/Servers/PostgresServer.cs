using System.Globalization;
using ZooPlatform.LocalOrchestrator.Processes;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator.Servers;

/// <summary>
/// One PostgreSQL server on loopback, with passwords and durable commits. Layout: <c>folder/data</c> is the cluster,
/// <c>folder/data.new</c> one whose making was cut short.
/// </summary>
/// <remarks>PostgreSQL refuses to run as root; then it runs, and owns the folder, as the system user <c>postgres</c>.</remarks>
internal sealed class PostgresServer(string name, string folder, int port, string user, string password, string? configuredBin)
    : ILocalServer
{
    private static readonly TimeSpan _orphanGrace = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _untilNoticed = TimeSpan.FromSeconds(2);

    private readonly string _data = Path.Combine(folder, "data");
    private readonly string? _runAs = Environment.IsPrivilegedProcess ? "postgres" : null;

    public async Task<Launch> PrepareAsync(CancellationToken ct)
    {
        if (_runAs is not null)
        {
            RequireWayIn();
        }
        var bin = FindBin();
        if (Directory.Exists(_data))
        {
            await EndOrphansAsync(ct);
        }
        else
        {
            await CreateClusterAsync(bin, ct);
        }
        return new Launch
        {
            Name = name,
            FileName = Path.Combine(bin, "postgres"),
            Arguments = ["-D", _data, .. Settings().SelectMany(s => new[] { "-c", s })],
            WorkingDirectory = _data,
            RunAs = _runAs,
            StopSignal = Signal.Int,     // "fast": breaks connections off, writes a checkpoint
            DeathSignal = Signal.Int,
            StopGrace = TimeSpan.FromSeconds(20),
        };
    }

    private IEnumerable<string> Settings() =>
    [
        "listen_addresses=127.0.0.1",
        string.Create(CultureInfo.InvariantCulture, $"port={port}"),
        "unix_socket_directories=",       // a socket's path may be 107 characters long; a data folder's may be longer
        "shared_buffers=64MB",
        "max_connections=200",
        "max_wal_size=512MB",
        "log_timezone=UTC",
        "timezone=UTC",
    ];

    /// <summary>The folder that was set, else the one that made the cluster, else the newest, else PATH's.</summary>
    private string FindBin()
    {
        if (configuredBin is not null)
        {
            return configuredBin;
        }
        var madeBy = Path.Combine(_data, "PG_VERSION");
        var installed = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .Where(v => File.Exists(Path.Combine(v, "bin", "postgres")))
                .OrderByDescending(v => int.Parse(Path.GetFileName(v), CultureInfo.InvariantCulture))
                .ToList()
            : [];
        var chosen = File.Exists(madeBy)
            ? installed.Find(v => Path.GetFileName(v) == File.ReadAllText(madeBy).Trim())
            : installed.FirstOrDefault();
        return chosen is not null ? Path.Combine(chosen, "bin")
            : Executables.Find("postgres") is { } onPath ? Path.GetDirectoryName(onPath)!
            : throw new DistributedApplicationException(
                "PostgreSQL is not installed. Install the package postgresql-15, set ZOO_POSTGRES_BIN to the folder of its programs, "
                + $"or set ConnectionStrings__{name} to a running server.");
    }

    private async Task CreateClusterAsync(string bin, CancellationToken ct)
    {
        var unfinished = _data + ".new";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }
        Directory.CreateDirectory(folder, DataFolder.Private);
        var passwordFile = Path.Combine(folder, "password");
        AtomicFile.Write(passwordFile, System.Text.Encoding.UTF8.GetBytes(password));
        if (_runAs is not null)
        {
            await Command.RunAsync("chown", ["-R", $"{_runAs}:{_runAs}", folder], ct);
        }

        string[] become = _runAs is null ? [] : [$"--reuid={_runAs}", $"--regid={_runAs}", "--init-groups"];
        await Command.RunAsync(
            "setpriv",
            [.. become, "--pdeathsig", "KILL", "--", Path.Combine(bin, "initdb"), "-D", unfinished, "-U", user, "--pwfile", passwordFile,
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"],
            ct);
        File.Delete(passwordFile);
        Directory.Move(unfinished, _data);
    }

    /// <summary>
    /// Ends what a killed run or a killed server left: a server that is still ending; back ends that have not noticed that theirs is gone;
    /// last the pid file, whose number may be any process's by now. While back ends live that file must stay: PostgreSQL knows by it
    /// that it may not start beside them.
    /// </summary>
    private async Task EndOrphansAsync(CancellationToken ct)
    {
        var pidFile = Path.Combine(_data, "postmaster.pid");
        if (!File.Exists(pidFile))
        {
            return;
        }
        var server = IdentityIn(pidFile);
        var hasServer = int.TryParse(server.FirstOrDefault(), out var postmaster) && WithPidFile(server).Contains(postmaster);
        if (hasServer)
        {
            Signals.Send(postmaster, Signal.Int);
        }

        var since = Environment.TickCount64;
        while (WithPidFile(server) is { Count: > 0 } living)
        {
            var waited = TimeSpan.FromMilliseconds(Environment.TickCount64 - since);
            if (waited > _orphanGrace)
            {
                throw new DistributedApplicationException(
                    $"Another PostgreSQL server (process {living[0]}) works on {_data} and does not end. Stop it, then start again.");
            }
            if (!hasServer && waited > _untilNoticed)
            {
                living.ForEach(backend => Signals.Send(backend, Signal.Kill));
            }
            await Task.Delay(50, ct);
        }
        File.Delete(pidFile);
    }

    /// <summary>Processes that have this pid file in their working folder: each process of a PostgreSQL server works in its cluster.</summary>
    private static List<int> WithPidFile(string[] server)
    {
        var found = new List<int>();
        foreach (var name in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName))
        {
            try
            {
                if (int.TryParse(name, out var process) && IdentityIn($"/proc/{process}/cwd/postmaster.pid").SequenceEqual(server)
                    && ProcessIdentity.Of(process) is not null)
                {
                    found.Add(process);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It works elsewhere, has ended meanwhile, or is another user's.
            }
        }
        return found;
    }

    /// <summary>What of a pid file stays as it is while its server runs: process id, cluster, time of start.</summary>
    private static string[] IdentityIn(string pidFile) => [.. File.ReadLines(pidFile).Take(3)];

    /// <summary>The user postgres must be able to pass every folder above its own.</summary>
    private void RequireWayIn()
    {
        for (var parent = Directory.GetParent(folder); parent is not null; parent = parent.Parent)
        {
            if (!parent.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                throw new DistributedApplicationException(
                    $"PostgreSQL runs as the user postgres, who may not enter {parent.FullName}. Choose a data folder elsewhere with --data, "
                    + $"or allow it: chmod o+x {parent.FullName}");
            }
        }
    }
}
