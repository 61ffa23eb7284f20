using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using ZooPlatform.Benchmark.Devices;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Benchmark.Statistics;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.Contracts.Benchmark;

namespace ZooPlatform.Benchmark.Runs;

/// <summary>Does one run: a job folder, a worker in its sandbox, one question, and figures from the samples it answers.</summary>
internal sealed class MeasureRun(PrepareJob prepare, ThisDevice device, IOptions<BenchmarkOptions> options)
{
    private const double NsPerMs = 1e6;

    /// <exception cref="WorkerException">The model could not be measured.</exception>
    /// <exception cref="HttpRequestException">Artifact is out of reach, or a file is gone (404).</exception>
    /// <exception cref="InvalidDataException">The files are not those that were inspected.</exception>
    public async Task<(RunResults Results, long[] LatenciesNs)> RunAsync(Run run, Action<Progress> progressed, CancellationToken ct)
    {
        progressed(new Progress(0, "fetching files"));
        var (job, samples) = await prepare.RunAsync(
            new JobModel(run.RepositoryId, run.Revision, run.File, run.Sha256, run.ExternalData), withSamples: true, ct);

        var settings = run.Settings;
        var threads = settings.Threads == 0 ? Environment.ProcessorCount : settings.Threads;
        var time = (run.IsDefault ? options.Value.DefaultRunOverhead : options.Value.RunOverhead) + TimeSpan.FromSeconds(2 * settings.MaxSeconds);
        var limits = new WorkerLimits(options.Value.WorkerMemoryBytes, options.Value.WorkerHeapBytes, (int)(time.TotalSeconds * (threads + 1)));
        await using var worker = await WorkerProcess.StartAsync(device.Sandbox, job, limits);

        var question = new Measure(
            run.File, samples, threads, settings.WarmUp, settings.Iterations, settings.MaxSeconds, settings.RelativeTolerance, settings.AbsoluteTolerance);
        var (measured, payload) = await worker.AskAsync<Measured>(question, time, progressed, ct);
        var latencies = MemoryMarshal.Cast<byte, long>(payload).ToArray();
        if (latencies.Length == 0)
        {
            throw new WorkerException(FailureKind.Crash, "The worker measured nothing.", ended: true);
        }

        return (Results(measured, latencies, settings), latencies);
    }

    private static RunResults Results(Measured measured, long[] latencies, RunSettings settings) => new(
        LatencyStatistics.Summarise(latencies),
        LatencyStatistics.ThroughputPerSecond(latencies),
        measured.LoadNs / NsPerMs,
        measured.FirstRunNs / NsPerMs,
        measured.PeakMemoryBytes,
        measured.Accuracy is not { } accuracy ? null : new AccuracyView(
            accuracy.Passed, accuracy.Sets, accuracy.Elements, accuracy.Mismatches, accuracy.MaxAbsoluteDifference,
            accuracy.MaxRelativeDifference, settings.RelativeTolerance, settings.AbsoluteTolerance, accuracy.Message),
        measured.ModelMemoryBytes,
        measured.InputsFrom,
        measured.Note);
}
