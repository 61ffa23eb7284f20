using System.ComponentModel.DataAnnotations;

namespace ZooPlatform.Artifact;

/// <summary>Every setting of Artifact, under <c>Artifact:</c>.</summary>
internal sealed class ArtifactOptions
{
    public const string Section = "Artifact";

    /// <summary>The largest blob, in bytes. Default 500 GB.</summary>
    [Range(1L, 1L << 42)]
    public long MaxBlobBytes { get; init; } = 500_000_000_000;

    /// <summary>Files in one revision. Default 100,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxFilesPerRevision { get; init; } = 100_000;

    /// <summary>So many files' names are held in memory by archives and git's packs under way, together; about 400 bytes each. Default 500,000.</summary>
    [Range(1, 100_000_000)]
    public int MaxListedFiles { get; init; } = 500_000;

    /// <summary>After how many bytes a running upload makes durable what it has. Default 64 MiB.</summary>
    [Range(64 * 1024, 1 << 30)]
    public int CheckpointBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Larger Git LFS objects are sent in parts of this many bytes, by clients who can; at most 1,000 parts. Default 64 MiB.</summary>
    [Range(1024L, 1L << 32)]
    public long PartBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>An upload that gains no byte for this long is deleted. Default 24 h.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan UploadIdleTimeout { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Files larger than this are announced to hub clients as readable by Xet, in bytes. Default 50 GB: what Python clients refuse to
    /// read by plain HTTP; everything else is faster that way.</summary>
    [Range(0L, long.MaxValue)]
    public long AnnounceXetBytes { get; init; } = 50_000_000_000;
}
