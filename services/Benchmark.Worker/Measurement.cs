using System.Diagnostics;
using System.Runtime.InteropServices;
using ZooPlatform.Benchmark.Messages;

namespace ZooPlatform.Benchmark.Worker;

/// <summary>
/// Measures one model:
/// 1. load it; 2. bind inputs: the first sample set, or made-up ones; 3. the first call; 4. the warm-up; 5. the counted calls, each
/// timed alone, until there are enough or the time is over; 6. compare outputs on every sample set with the expected ones.
/// Progress is told between calls, never inside what is timed.
/// </summary>
internal static class Measurement
{
    private static readonly TimeSpan s_betweenReports = TimeSpan.FromMilliseconds(250);

    /// <param name="failing">Told what an exception from here on would mean.</param>
    public static (Measured Measured, ReadOnlyMemory<byte> LatenciesNs) Run(
        Measure measure, Action<Progress> report, Action<FailureKind> failing)
    {
        var residentBefore = ProcessMemory.ResidentBytes();

        // 1.
        report(new Progress(0, "loading"));
        var started = Stopwatch.GetTimestamp();
        using var session = new ModelSession(measure.File, measure.Threads);
        var loadNs = ElapsedNs(started);

        // 2.
        failing(FailureKind.Input);
        var samples = measure.SampleSets.Select(set => SampleData.Read(set, session)).ToList();
        var inputs = samples.Count > 0 ? samples[0].Inputs : SyntheticInputs.For(session.Inputs);
        using var run = session.Bind(inputs, []);
        failing(FailureKind.Run);

        // 3.
        report(new Progress(0.03, "first call"));
        started = Stopwatch.GetTimestamp();
        run.Run();
        var firstRunNs = ElapsedNs(started);
        var modelMemory = Math.Max(0, ProcessMemory.ResidentBytes() - residentBefore);

        // 4.
        report(new Progress(0.05, "warming up"));
        var begin = Stopwatch.GetTimestamp();
        for (var i = 0; i < measure.WarmUp && Stopwatch.GetElapsedTime(begin).TotalSeconds < measure.MaxSeconds; i++)
        {
            run.Run();
        }

        // 5.
        var latencies = new List<long>(Math.Min(measure.Iterations, 100_000));
        begin = Stopwatch.GetTimestamp();
        var reported = begin;
        while (latencies.Count < measure.Iterations && (latencies.Count == 0 || Stopwatch.GetElapsedTime(begin).TotalSeconds < measure.MaxSeconds))
        {
            started = Stopwatch.GetTimestamp();
            run.Run();
            latencies.Add(ElapsedNs(started));

            if (Stopwatch.GetElapsedTime(reported) >= s_betweenReports)
            {
                var share = Math.Max((double)latencies.Count / measure.Iterations, Stopwatch.GetElapsedTime(begin).TotalSeconds / measure.MaxSeconds);
                report(new Progress(0.1 + (0.8 * Math.Min(share, 1)), "measuring"));
                reported = Stopwatch.GetTimestamp();
            }
        }

        // 6.
        report(new Progress(0.9, "comparing outputs"));
        var peakMemory = ProcessMemory.PeakBytes();
        var accuracy = SampleData.Compare(samples, session, measure);

        var from = samples.Count > 0 ? samples[0].Name : "made up from the declared shapes";
        var measured = new Measured(latencies.Count, loadNs, firstRunNs, peakMemory, modelMemory, from, accuracy, session.Note);
        return (measured, MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(latencies)).ToArray());
    }

    private static long ElapsedNs(long started) => (long)Stopwatch.GetElapsedTime(started).TotalNanoseconds;
}
