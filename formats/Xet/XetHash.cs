using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ZooPlatform.Formats.Xet;

/// <summary>A hash of Xet's: 32 bytes, written as four little-endian 64-bit numbers of 16 hexadecimal digits each.</summary>
public readonly record struct XetHash(ulong A, ulong B, ulong C, ulong D)
{
    public const int Bytes = Blake3.HashBytes;
    public const int Chars = 64;

    private static readonly byte[] s_data = Convert.FromHexString("6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229");
    private static readonly byte[] s_node = Convert.FromHexString("017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f");
    private static readonly byte[] s_verification = Convert.FromHexString("7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3");
    private static readonly byte[] s_file = new byte[Bytes];

    /// <summary>The hash of a file without bytes.</summary>
    public static readonly XetHash Zero;

    /// <summary>What tells which chunks are asked about and indexed: a number that is as good as random.</summary>
    public ulong Last => D;

    /// <param name="bytes">32 of them.</param>
    public static XetHash Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, A);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], B);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], C);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], D);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Bytes];
        Write(bytes);
        return bytes;
    }

    public override string ToString() => $"{A:x16}{B:x16}{C:x16}{D:x16}";

    /// <summary>Takes exactly 64 lower-case digits, so it can stand in a path.</summary>
    public static bool TryParse(string? text, out XetHash hash)
    {
        hash = default;
        if (text is not { Length: Chars } || !text.All(char.IsAsciiHexDigitLower)) return false;
        hash = new XetHash(Number(text, 0), Number(text, 16), Number(text, 32), Number(text, 48));
        return true;
    }

    public static XetHash OfChunk(ReadOnlySpan<byte> chunk) => Keyed(s_data, chunk);

    /// <summary>Of a file, from the root of the tree over its chunks.</summary>
    public static XetHash OfFile(XetHash root) => Keyed(s_file, root.ToBytes());

    /// <summary>What proves that whoever names a run of chunks knows them all.</summary>
    /// <param name="hashes">The chunks' hashes, 32 bytes each, one after the other.</param>
    public static XetHash OfVerification(ReadOnlySpan<byte> hashes) => Keyed(s_verification, hashes);

    internal static XetHash OfNode(ReadOnlySpan<byte> children) => Keyed(s_node, children);

    internal static int WriteChild(XetHash hash, long sizeBytes, Span<byte> text) => Encoding.ASCII.GetBytes($"{hash} : {sizeBytes}\n", text);

    private static XetHash Keyed(byte[] key, ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[Bytes];
        Blake3.KeyedHash(key, content, hash);
        return Read(hash);
    }

    private static ulong Number(string text, int at) => ulong.Parse(text.AsSpan(at, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
