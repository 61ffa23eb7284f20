namespace ZooPlatform.Formats.Xet;

/// <summary>A run of a xorb's chunks, of which a file is made.</summary>
/// <param name="SizeBytes">Of the chunks themselves.</param>
/// <param name="End">Exclusive.</param>
/// <param name="Verification">Null: the shard has none.</param>
public sealed record ShardTerm(XetHash Xorb, uint SizeBytes, uint First, uint End, XetHash? Verification);

/// <param name="Sha256">As hexadecimal digits, the usual way; null: the shard has none.</param>
public sealed record ShardFile(XetHash Hash, IReadOnlyList<ShardTerm> Terms, string? Sha256);

public readonly record struct ShardChunk(XetHash Hash, uint SizeBytes);

public sealed record ShardXorb(XetHash Hash, IReadOnlyList<ShardChunk> Chunks);

/// <summary>What reader and writer of shards share. A shard is records of 48 bytes: a header, files, a mark, xorbs, a mark, sometimes a footer.</summary>
internal static class ShardFormat
{
    public const int RecordBytes = 48;
    public const int FooterBytes = 200;
    public const uint HasVerification = 1u << 31;
    public const uint HasSha256 = 1u << 30;
    public const ulong HeaderVersion = 2;

    public static ReadOnlySpan<byte> Tag =>
    [
        0x48, 0x46, 0x52, 0x65, 0x70, 0x6F, 0x4D, 0x65, 0x74, 0x61, 0x44, 0x61, 0x74, 0x61,   // HFRepoMetaData
        0x00, 0x55, 0x69, 0x67, 0x45, 0x6A, 0x7B, 0x81, 0x57, 0x83, 0xA5, 0xBD, 0xD9, 0x5C, 0xCD, 0xD1, 0x4A, 0xA9,
    ];

    public static readonly XetHash Mark = new(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, ulong.MaxValue);
}
