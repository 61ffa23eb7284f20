namespace ZooPlatform.Contracts.Benchmark;

public enum RunStatus
{
    Queued,
    Running,
    Succeeded,
    /// <summary>The run began and broke; its message says how.</summary>
    Failed,
    Cancelled,
}

/// <summary>How a run measures; what is absent takes its default.</summary>
/// <param name="Threads">Intra-op threads, 1 to the machine's cores; 0: as many as cores.</param>
/// <param name="WarmUp">Calls that are not counted, 0 to 1,000.</param>
/// <param name="Iterations">Counted calls, 1 to 100,000; the time limit may end them sooner.</param>
/// <param name="MaxSeconds">When measuring stops, 1 to 600.</param>
/// <param name="Provider">The execution provider.</param>
public sealed record RunSettings(
    int Threads = 0, int WarmUp = 10, int Iterations = 100, double MaxSeconds = 20, string Provider = "cpu",
    double RelativeTolerance = 1e-3, double AbsoluteTolerance = 1e-5);

/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="Revision">Id, branch or tag; main when absent.</param>
/// <param name="File">The model file; the first fit one when absent.</param>
public sealed record CreateRun(string Repository, string? Revision = null, string? File = null, RunSettings? Settings = null);

/// <param name="Message">Why it failed, or what it is doing.</param>
public sealed record RunView(
    Guid Id, Guid RepositoryId, string Repository, string Revision, string File, RunStatus Status, double Progress, string? Message,
    RunSettings Settings, DeviceView? Device, RunResults? Results, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt);

/// <summary>What was measured. Latencies in milliseconds, memory in bytes.</summary>
/// <param name="ThroughputPerSecond">Counted calls by the time they took.</param>
/// <param name="PeakMemoryBytes">The worker's highest resident set.</param>
/// <param name="ModelMemoryBytes">By how much loading the model and its first call raised the resident set.</param>
/// <param name="InputsFrom">The sample set that was fed, or that inputs were made up.</param>
/// <param name="Note">What the reader of the figures should know.</param>
public sealed record RunResults(
    LatencyView Latency, double ThroughputPerSecond, double LoadMs, double FirstRunMs, long PeakMemoryBytes, AccuracyView? Accuracy,
    long ModelMemoryBytes = 0, string? InputsFrom = null, string? Note = null);

/// <summary>A run's raw samples: every counted call in order of time, in nanoseconds.</summary>
public sealed record RunSamplesView(Guid RunId, IReadOnlyList<long> LatenciesNs);

/// <summary>Percentiles of the kept raw samples, in milliseconds.</summary>
public sealed record LatencyView(
    int Samples, double MinMs, double MeanMs, double P50Ms, double P90Ms, double P95Ms, double P99Ms, double MaxMs, double MedianAbsoluteDeviationMs);

/// <summary>Outputs on the kit's sample data against the expected ones.</summary>
/// <param name="Sets">Sample sets compared.</param>
/// <param name="Mismatches">Elements outside the tolerances.</param>
public sealed record AccuracyView(
    bool Passed, int Sets, long Elements, long Mismatches, double MaxAbsoluteDifference, double MaxRelativeDifference,
    double RelativeTolerance, double AbsoluteTolerance, string? Message);

/// <summary>A machine's measured identity.</summary>
/// <param name="Limits">What isolation the workers run under, and what could not be had.</param>
public sealed record DeviceView(
    Guid Id, string Name, string Cpu, int Cores, long MemoryBytes, string? Gpu, string OperatingSystem, string OnnxRuntime,
    IReadOnlyList<string> Providers, IReadOnlyList<string> Limits);

/// <summary>The newest succeeded run of a model's main revision, in Benchmark's feed; the subject is the repository's id.</summary>
public sealed record RunSummaryState(Guid RepositoryId, string Revision, string File, Guid RunId, double P50Ms, double ThroughputPerSecond,
    long PeakMemoryBytes, bool? AccuracyPassed, string Device, DateTimeOffset EndedAt);
