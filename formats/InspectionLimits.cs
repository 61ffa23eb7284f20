namespace ZooPlatform.Formats;

/// <summary>What reading one file may cost. Time is the caller's: cancel the token.</summary>
public sealed record InspectionLimits
{
    public static readonly InspectionLimits Default = new();

    /// <summary>Bytes read in all; skipped weights do not count. Default 128 MiB.</summary>
    public long MaxBytesRead { get; init; } = 128L << 20;

    /// <summary>Bytes of weights whose values are looked through, tensor by tensor while they fit; those of larger models are not. Default 4 MiB.</summary>
    public long MaxWeightBytesRead { get; init; } = 4L << 20;

    /// <summary>Graphs inside graphs. Default 16.</summary>
    public int MaxSubgraphDepth { get; init; } = 16;

    /// <summary>Nodes, function bodies counted as often as they are called. Default 50,000.</summary>
    public int MaxNodes { get; init; } = 50_000;

    /// <summary>Tensors, values, metadata entries and other repeated parts, together. Default 1,000,000.</summary>
    public int MaxParts { get; init; } = 1_000_000;

    /// <summary>Dimensions of a tensor. Default 16.</summary>
    public int MaxRank { get; init; } = 16;

    /// <summary>Bytes of one name or text that is kept; a longer one is cut. Default 64 KiB.</summary>
    public int MaxTextBytes { get; init; } = 64 << 10;
}
