using System.ComponentModel.DataAnnotations;

namespace ZooPlatform.Benchmark;

/// <summary>Settings of the service, section <c>Benchmark</c>.</summary>
internal sealed class BenchmarkOptions
{
    /// <summary>What a worker may allocate, in bytes (RLIMIT_DATA): runtime, model and tensors together. 512 MiB to 1 TiB, default 4 GiB.</summary>
    [Range(512L << 20, 1L << 40)]
    public long WorkerMemoryBytes { get; init; } = 4L << 30;

    /// <summary>What of it the worker's managed heap may take, in bytes: messages and tensors on their way. 64 MiB to 16 GiB, default 512 MiB.</summary>
    [Range(64L << 20, 16L << 30)]
    public long WorkerHeapBytes { get; init; } = 512L << 20;

    /// <summary>A model that takes longer to load is given up. 1 s to 1 h, default 2 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LoadLimit { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>As <see cref="RunOverhead"/>, for runs that nobody asked for: one that never ends keeps the others waiting. 1 s to 6 h, default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "06:00:00")]
    public TimeSpan DefaultRunOverhead { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>What a run may take beyond twice its <c>maxSeconds</c>: loading, the first call, comparing outputs. 1 s to 6 h, default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "06:00:00")]
    public TimeSpan RunOverhead { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A run whose runner was not heard of for this long is taken by another one. 2 s to 10 min, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A run is begun this often before it counts as failed: its runner died each time. 1 to 10, default 3.</summary>
    [Range(1, 10)]
    public int Attempts { get; init; } = 3;

    /// <summary>Size of the cache of model files, in bytes; the longest unused go first. Default 20 GiB.</summary>
    [Range(0, long.MaxValue)]
    public long ModelCacheBytes { get; init; } = 20L << 30;

    /// <summary>A deployment that answered nothing for this long is stopped. 1 s to 30 d, default 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "30.00:00:00")]
    public TimeSpan DeploymentIdle { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Deployments held at once; the longest unused makes room for another. 1 to 100, default 4.</summary>
    [Range(1, 100)]
    public int MaxDeployments { get; init; } = 4;

    /// <summary>Requests that may wait for one deployment; more are answered 503. 1 to 1,000, default 16.</summary>
    [Range(1, 1000)]
    public int MaxWaitingInferences { get; init; } = 16;

    /// <summary>An inference, its waiting included, ends after this. 1 s to 1 h, default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan InferenceLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest body of an inference, in bytes. Default 64 MiB.</summary>
    [Range(1L << 10, 1L << 30)]
    public long MaxInferenceBytes { get; init; } = 64L << 20;

    /// <summary>What the bodies and JSON answers of all inferences under way may hold in memory together, in bytes; more are answered 503. Default 512 MiB.</summary>
    [Range(1L << 20, 1L << 40)]
    public long InferenceMemoryBytes { get; init; } = 512L << 20;
}
