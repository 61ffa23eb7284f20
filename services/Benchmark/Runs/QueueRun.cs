using ZooPlatform.Benchmark.Devices;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Benchmark.Runs;

/// <summary>Queues a run that somebody asked for. Each request is a run of its own.</summary>
internal sealed class QueueRun(BenchmarkDb db, FindModelFile find, ThisDevice device, JobSignal<Runner> signal, TimeProvider time)
{
    public async Task<QueueOutcome> RunAsync(Caller caller, CreateRun request, CancellationToken ct)
    {
        var settings = request.Settings ?? new RunSettings();
        if (Invalid(settings) is { } reason)
        {
            return new QueueOutcome.SettingsInvalid(reason);
        }

        var outcome = await find.RunAsync(caller, request.Repository, request.Revision, request.File, ct);
        if (outcome is not FileOutcome.Found(var repository, var revision, var file))
        {
            return new QueueOutcome.NoFile(outcome);
        }

        if (!repository.MayBenchmark(caller))
        {
            return new QueueOutcome.RoleNeeded();
        }

        var run = Run.Of(repository.Id, revision, file, settings, isDefault: false, caller.Subject, device.Id, time.GetUtcNow());
        db.Runs.Add(run);
        await db.SaveChangesAsync(ct);
        signal.Wake();
        return new QueueOutcome.Queued(new RunRow { Run = run, Repository = repository, Device = device.Profile }.View());
    }

    private static string? Invalid(RunSettings settings) => settings switch
    {
        { Threads: var threads } when threads < 0 || threads > Environment.ProcessorCount =>
            $"threads is {settings.Threads}; it is 0 (as many as cores) to {Environment.ProcessorCount} on this device.",
        { WarmUp: < 0 or > 1000 } => $"warmUp is {settings.WarmUp}; it is 0 to 1,000.",
        { Iterations: < 1 or > 100_000 } => $"iterations is {settings.Iterations}; it is 1 to 100,000.",
        { MaxSeconds: not (>= 1 and <= 600) } => $"maxSeconds is {settings.MaxSeconds}; it is 1 to 600.",
        { Provider: not "cpu" } => $"provider is '{settings.Provider}'; this device has: cpu.",
        { RelativeTolerance: not (>= 0 and <= 1) } or { AbsoluteTolerance: not (>= 0 and < double.PositiveInfinity) } =>
            "A tolerance is out of range: relativeTolerance is 0 to 1, absoluteTolerance 0 or more.",
        _ => null,
    };
}

internal abstract record QueueOutcome
{
    public sealed record Queued(RunView Run) : QueueOutcome;

    public sealed record NoFile(FileOutcome Why) : QueueOutcome;

    public sealed record RoleNeeded : QueueOutcome;

    public sealed record SettingsInvalid(string Reason) : QueueOutcome;
}
