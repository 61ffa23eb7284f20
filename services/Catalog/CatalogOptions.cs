using System.ComponentModel.DataAnnotations;

namespace ZooPlatform.Catalog;

/// <summary>The section <c>Catalog</c>.</summary>
internal sealed class CatalogOptions
{
    /// <summary>Revisions that are read at once, 1 to 16. Default 2.</summary>
    [Range(1, 16)]
    public int InspectionWorkers { get; init; } = 2;

    /// <summary>Files of a revision that are looked into; the rest is listed by Artifact alone. Default 5,000.</summary>
    [Range(1, 100_000)]
    public int MaxFiles { get; init; } = 5_000;

    /// <summary>A file that takes longer to inspect is given up, with a finding. Default 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan FileTimeout { get; init; } = TimeSpan.FromMinutes(1);
}
