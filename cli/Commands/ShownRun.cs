using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Benchmark;

namespace ZooPlatform.Cli.Commands;

/// <summary>A run as people read it.</summary>
internal static class ShownRun
{
    public static readonly string[] Headings = ["WHEN", "STATUS", "FILE", "P50", "P99", "PER SECOND", "MEMORY", "ACCURACY", "DEVICE"];

    public static string[] Row(RunView run) =>
    [
        Amounts.Day(run.CreatedAt), run.Status.ToString().ToLowerInvariant(), run.File,
        Milliseconds(run.Results?.Latency.P50Ms), Milliseconds(run.Results?.Latency.P99Ms),
        run.Results is { } results ? Amounts.Number(results.ThroughputPerSecond) : "-",
        run.Results is { } measured ? Amounts.Bytes(measured.PeakMemoryBytes) : "-",
        Accuracy(run.Results?.Accuracy), run.Device?.Cpu ?? "-",
    ];

    public static void Write(TextWriter output, RunView run)
    {
        output.WriteLine($"{run.Repository} {run.File} at {run.Revision}: {run.Status.ToString().ToLowerInvariant()} (run {run.Id})");
        Show.Line(output, "says", run.Message);
        if (run.Results is { } results)
        {
            var l = results.Latency;
            Show.Line(output, "latency", $"p50 {Milliseconds(l.P50Ms)}, p90 {Milliseconds(l.P90Ms)}, p95 {Milliseconds(l.P95Ms)}, p99 {Milliseconds(l.P99Ms)} of {Amounts.Count(l.Samples)} samples");
            Show.Line(output, "spread", $"min {Milliseconds(l.MinMs)}, mean {Milliseconds(l.MeanMs)}, max {Milliseconds(l.MaxMs)}, median absolute deviation {Milliseconds(l.MedianAbsoluteDeviationMs)}");
            Show.Line(output, "throughput", $"{Amounts.Number(results.ThroughputPerSecond)} calls a second");
            Show.Line(output, "load", $"{Milliseconds(results.LoadMs)}, first run {Milliseconds(results.FirstRunMs)}");
            Show.Line(output, "peak memory", Amounts.Bytes(results.PeakMemoryBytes));
            Show.Line(output, "inputs", results.InputsFrom);
            Show.Line(output, "note", results.Note);
            if (results.Accuracy is { } accuracy)
            {
                Show.Line(output, "accuracy", $"{Accuracy(accuracy)}: {accuracy.Mismatches} of {Amounts.Count(accuracy.Elements)} elements in {accuracy.Sets} sets differ, at most by {Amounts.Number(accuracy.MaxAbsoluteDifference)}");
                Show.Line(output, "", accuracy.Message);
            }
        }
        if (run.Device is { } device)
        {
            Show.Line(output, "device", $"{device.Cpu}, {device.Cores} cores, {Amounts.Bytes(device.MemoryBytes)}, ONNX Runtime {device.OnnxRuntime}");
            Show.Line(output, "limits", string.Join("; ", device.Limits));
        }
    }

    private static string Milliseconds(double? value) => value is { } ms ? $"{Amounts.Number(ms)} ms" : "-";

    private static string Accuracy(AccuracyView? accuracy) => accuracy?.Passed switch { true => "passed", false => "failed", null => "-" };
}
