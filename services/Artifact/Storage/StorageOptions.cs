using System.ComponentModel.DataAnnotations;

namespace ZooPlatform.Artifact.Storage;

/// <summary>How the content's storage is kept, under <c>Storage:</c>.</summary>
internal sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>How often garbage is swept. Default 24 h.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "30.00:00:00")]
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long something must have been unreferenced before it is deleted. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00")]
    public TimeSpan Grace { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How many bytes an owner's repositories may hold; null: no limit. Default none; the administrator may set another for one owner.</summary>
    [Range(0L, long.MaxValue)]
    public long? QuotaBytes { get; init; }

    /// <summary>How many bytes a second are read to find damage at rest; 0: none. Default 8 MiB.</summary>
    [Range(0L, 1L << 34)]
    public long ScrubBytesPerSecond { get; init; } = 8 * 1024 * 1024;

    /// <summary>How long a blob that was found right is not read again. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan ScrubInterval { get; init; } = TimeSpan.FromDays(30);
}
