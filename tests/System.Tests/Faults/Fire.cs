using System.Diagnostics;
using Xunit.Abstractions;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.Faults;

/// <summary>Kills and stops the platform's processes, in an order and at moments that a seed gives.</summary>
internal sealed class Fire(RunningZoo running, int seed, ITestOutputHelper output)
{
    /// <summary>A process of one PostgreSQL connection: its death makes the server throw all others out and recover.</summary>
    private const string Backend = "a back end of postgres";
    private const string Worker = "a benchmark worker";

    private static readonly string[] s_targets =
    [
        "gateway", "web", "identity", "artifact", "catalog", "search", "benchmark", "postgres", "redis", "meilisearch", Backend, Worker,
    ];

    private readonly Random _random = new(seed);
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Kills each process once with -9, one after another.</summary>
    public async Task KillEachAsync(TimeSpan shortest, TimeSpan longest)
    {
        var order = new Queue<string>(s_targets.OrderBy(_ => _random.Next()));
        for (var patience = 60; order.TryDequeue(out var target);)
        {
            await Task.Delay(shortest + (longest - shortest) * _random.NextDouble());
            if (Kill(target)) continue;
            // It does not run just now, or no worker was needed yet.
            if (--patience == 0) throw new TimeoutException($"There was no {target} to be killed.");
            order.Enqueue(target);
        }
    }

    /// <summary>Kills random processes until the time is over.</summary>
    public async Task KillAnyAsync(TimeSpan time, TimeSpan shortest, TimeSpan longest)
    {
        for (var until = _clock.Elapsed + time; _clock.Elapsed < until;)
        {
            await Task.Delay(shortest + (longest - shortest) * _random.NextDouble());
            Kill(s_targets[_random.Next(s_targets.Length)]);
        }
    }

    /// <summary>Stops a server with all its processes, as a machine that hangs; then lets it go on.</summary>
    public async Task FreezeAsync(string server, TimeSpan time)
    {
        int process;
        while ((process = running.ProcessOf(server) ?? 0) == 0) await Task.Delay(100);   // it was killed a moment ago
        Say($"{server} stopped for {time.TotalSeconds} s");
        var frozen = Processes.WithDescendants(process);
        foreach (var one in frozen) Processes.Signal(one, Processes.Stop);
        try
        {
            await Task.Delay(time);
        }
        finally
        {
            foreach (var one in frozen) Processes.Signal(one, Processes.Continue);
        }
    }

    /// <summary>Kills a server whenever it is back, until the time is over.</summary>
    public async Task KeepDownAsync(string server, TimeSpan time)
    {
        Say($"{server} kept down for {time.TotalSeconds} s");
        for (var until = _clock.Elapsed + time; _clock.Elapsed < until; await Task.Delay(100))
            if (running.ProcessOf(server) is { } process) Processes.Signal(process, Processes.Kill);
    }

    /// <summary>False: there is no such process just now.</summary>
    private bool Kill(string target)
    {
        var process = target switch
        {
            Backend => OneOf(running.ProcessOf("postgres"), command => command.StartsWith("postgres: ", StringComparison.Ordinal) && command.Contains("127.0.0.1", StringComparison.Ordinal)),
            Worker => OneOf(running.ProcessOf("benchmark"), command => command.Contains("Benchmark.Worker.dll", StringComparison.Ordinal)),
            _ => running.ProcessOf(target),
        };
        if (process is null) return false;
        Say($"{target} killed ({process})");
        Processes.Signal(process.Value, Processes.Kill);
        return true;
    }

    private int? OneOf(int? ancestor, Func<string, bool> wanted)
    {
        if (ancestor is null) return null;
        var found = Processes.WithDescendants(ancestor.Value).Where(process => wanted(Processes.CommandLineOf(process))).ToList();
        return found.Count == 0 ? null : found[_random.Next(found.Count)];
    }

    private void Say(string line) => output.WriteLine($"{_clock.Elapsed.TotalSeconds,6:0.0} s  {line}");
}
