namespace ZooPlatform.Catalog.Benchmarks;

/// <summary>The newest succeeded run of a model, from Benchmark's feed.</summary>
internal sealed class RunSummary
{
    public required Guid RepositoryId { get; init; }
    public required string Revision { get; set; }
    public required string File { get; set; }
    public required Guid RunId { get; set; }
    public required double P50Ms { get; set; }
    public required double ThroughputPerSecond { get; set; }
    public required long PeakMemoryBytes { get; set; }
    public bool? AccuracyPassed { get; set; }
    public required string Device { get; set; }
    public required DateTimeOffset EndedAt { get; set; }
}
