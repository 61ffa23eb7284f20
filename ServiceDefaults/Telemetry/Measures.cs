using System.Diagnostics.Metrics;

namespace ZooPlatform.ServiceDefaults.Telemetry;

/// <summary>Every instrument of the platform's own; durations of requests and queries come from the framework.</summary>
/// <remarks>A tag's values are few and known: never a name, an id, a path. docs/logging.md lists them.</remarks>
public static class Measures
{
    internal const string MeterName = "ZooPlatform";
    private static readonly Meter s_meter = new(MeterName);

    private static readonly Counter<long> s_tokenSwaps = s_meter.CreateCounter<long>("zoo.token.swaps", "{swap}", "Credentials swapped by the gateway, from its cache or at Identity");
    private static readonly Counter<long> s_blobBytes = s_meter.CreateCounter<long>("zoo.blob.io", "By", "Content received and sent");
    private static readonly Counter<long> s_changes = s_meter.CreateCounter<long>("zoo.feed.changes", "{change}", "Changes applied to a replica");
    private static readonly Histogram<double> s_inference = s_meter.CreateHistogram<double>("zoo.inference.duration", "s", "Inferences, by how they ended");
    private static readonly Histogram<double> s_job = s_meter.CreateHistogram<double>("zoo.job.duration", "s", "Background jobs, by kind and end");

    public static void TokenSwap(bool fromCache) => s_tokenSwaps.Add(1, KeyValuePair.Create<string, object?>("from", fromCache ? "cache" : "identity"));

    public static void BlobReceived(long bytes) => s_blobBytes.Add(bytes, KeyValuePair.Create<string, object?>("direction", "in"));

    public static void BlobSent(long bytes) => s_blobBytes.Add(bytes, KeyValuePair.Create<string, object?>("direction", "out"));

    public static void Inference(TimeSpan elapsed, bool succeeded) => s_inference.Record(elapsed.TotalSeconds, Ended(succeeded));

    /// <param name="kind">One of few: <c>inspection</c>, <c>run</c>, <c>index</c>.</param>
    public static void Job(string kind, TimeSpan elapsed, bool succeeded) =>
        s_job.Record(elapsed.TotalSeconds, KeyValuePair.Create<string, object?>("job", kind), Ended(succeeded));

    internal static void ChangesApplied(string source, int count) => s_changes.Add(count, KeyValuePair.Create<string, object?>("source", source));

    /// <summary>Something that is looked at when metrics are sent: a lag, a queue's length.</summary>
    internal static void Watch(string name, string unit, string description, Func<IEnumerable<Measurement<double>>> read) =>
        s_meter.CreateObservableGauge(name, read, unit, description);

    private static KeyValuePair<string, object?> Ended(bool succeeded) => new("outcome", succeeded ? "ok" : "error");
}
