using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ZooPlatform.Formats.Xet;

/// <summary>BLAKE3, 32 bytes of it, of content that is in memory.</summary>
/// <remarks>
/// O'Connor, Aumasson, Neves, Wilcox-O'Hearn: "BLAKE3, one function, fast everywhere", 2020. Content is cut into chunks of 1 KiB; the chunks are
/// the leaves of a binary tree. Hashing neighbours in pairs, level by level, the odd one moving up, gives the tree of the paper.
/// Eight or four leaves (or pairs) at a time go through <see cref="Blake3Lanes"/>.
/// </remarks>
public static class Blake3
{
    public const int HashBytes = 32;
    internal const int BlockBytes = 64;
    internal const int LeafBytes = 1024;
    private const int StackLeaves = 256;
    internal const uint ChunkStart = 1, ChunkEnd = 2, Parent = 4, Root = 8, Keyed = 16;
    internal static readonly uint[] s_start = [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    /// <summary>Which word of the block each step of each round takes: seven times the same permutation.</summary>
    internal static ReadOnlySpan<byte> Schedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
        3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1,
        10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6,
        12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4,
        9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7,
        11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13,
    ];

    /// <summary>How many leaves this machine hashes at a time.</summary>
    internal static int WidestLanes => Vector256.IsHardwareAccelerated ? 8 : Vector128.IsHardwareAccelerated ? 4 : 1;

    public static void Hash(ReadOnlySpan<byte> content, Span<byte> hash) => Hash(s_start, 0, content, hash, WidestLanes);

    /// <param name="key">32 bytes.</param>
    public static void KeyedHash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> content, Span<byte> hash) => KeyedHash(key, content, hash, WidestLanes);

    /// <param name="lanes">8, 4 or 1: all give the same.</param>
    internal static void KeyedHash(ReadOnlySpan<byte> key, ReadOnlySpan<byte> content, Span<byte> hash, int lanes)
    {
        Span<uint> words = stackalloc uint[8];
        for (var i = 0; i < 8; i++) words[i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(4 * i)..]);
        Hash(words, Keyed, content, hash, lanes);
    }

    internal static void Hash(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> content, Span<byte> hash, int lanes)
    {
        if (content.Length <= LeafBytes)
        {
            Leaf(key, mode, content, 0, Root, hash);
            return;
        }
        var leaves = (content.Length - 1) / LeafBytes + 1;
        byte[]? rented = null;
        var nodes = leaves <= StackLeaves ? stackalloc byte[StackLeaves * HashBytes] : rented = ArrayPool<byte>.Shared.Rent(leaves * HashBytes);
        try
        {
            Leaves(key, mode, content, nodes, lanes);
            for (var count = leaves; ; count = (count + 1) / 2)
            {
                if (count == 2)
                {
                    Compress(key, nodes[..BlockBytes], BlockBytes, 0, mode | Parent | Root, hash);
                    return;
                }
                Pairs(key, mode, nodes, count, lanes);
            }
        }
        finally
        {
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static void Leaves(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> content, Span<byte> nodes, int lanes)
    {
        var at = 0;
        var whole = content.Length / LeafBytes;
        if (lanes == 8)
            for (; at + 8 <= whole; at += 8)
                Blake3Lanes.Eight(key, mode, content.Slice(at * LeafBytes, 8 * LeafBytes), LeafBytes, (ulong)at, nodes.Slice(at * HashBytes, 8 * HashBytes));
        if (lanes >= 4)
            for (; at + 4 <= whole; at += 4)
                Blake3Lanes.Four(key, mode, content.Slice(at * LeafBytes, 4 * LeafBytes), LeafBytes, (ulong)at, nodes.Slice(at * HashBytes, 4 * HashBytes));
        for (; at * LeafBytes < content.Length; at++)
            Leaf(key, mode, content.Slice(at * LeafBytes, Math.Min(LeafBytes, content.Length - at * LeafBytes)), (ulong)at, 0, nodes[(at * HashBytes)..]);
    }

    /// <summary>Hashes the level's nodes in pairs, each pair's node into the front of the same memory.</summary>
    private static void Pairs(ReadOnlySpan<uint> key, uint mode, Span<byte> nodes, int count, int lanes)
    {
        var (pairs, at) = (count / 2, 0);
        if (lanes == 8)
            for (; at + 8 <= pairs; at += 8)
                Blake3Lanes.Eight(key, mode | Parent, nodes.Slice(at * BlockBytes, 8 * BlockBytes), BlockBytes, 0, nodes.Slice(at * HashBytes, 8 * HashBytes));
        if (lanes >= 4)
            for (; at + 4 <= pairs; at += 4)
                Blake3Lanes.Four(key, mode | Parent, nodes.Slice(at * BlockBytes, 4 * BlockBytes), BlockBytes, 0, nodes.Slice(at * HashBytes, 4 * HashBytes));
        for (; at < pairs; at++)
            Compress(key, nodes.Slice(at * BlockBytes, BlockBytes), BlockBytes, 0, mode | Parent, nodes[(at * HashBytes)..]);
        if (count % 2 != 0) nodes.Slice((count - 1) * HashBytes, HashBytes).CopyTo(nodes[(pairs * HashBytes)..]);
    }

    private static void Leaf(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> leaf, ulong number, uint atEnd, Span<byte> node)
    {
        Span<uint> chaining = stackalloc uint[8];
        key.CopyTo(chaining);
        Span<byte> block = stackalloc byte[BlockBytes];
        var flags = mode | ChunkStart;
        for (var at = 0; ; at += BlockBytes)
        {
            var bytes = Math.Min(BlockBytes, leaf.Length - at);
            var last = at + BlockBytes >= leaf.Length;
            block.Clear();
            leaf.Slice(at, bytes).CopyTo(block);
            Compress(chaining, block, bytes, number, flags | (last ? ChunkEnd | atEnd : 0), node);
            if (last) return;
            for (var i = 0; i < 8; i++) chaining[i] = BinaryPrimitives.ReadUInt32LittleEndian(node[(4 * i)..]);
            flags = mode;
        }
    }

    /// <summary>The compression function, one block at a time: what the lanes must agree with.</summary>
    private static void Compress(ReadOnlySpan<uint> chaining, ReadOnlySpan<byte> block, int bytes, ulong counter, uint flags, Span<byte> output)
    {
        Span<uint> m = stackalloc uint[16];
        for (var i = 0; i < 16; i++) m[i] = BinaryPrimitives.ReadUInt32LittleEndian(block[(4 * i)..]);
        ref var words = ref MemoryMarshal.GetReference(m);
        var (v0, v1, v2, v3) = (chaining[0], chaining[1], chaining[2], chaining[3]);
        var (v4, v5, v6, v7) = (chaining[4], chaining[5], chaining[6], chaining[7]);
        var (v8, v9, v10, v11) = (s_start[0], s_start[1], s_start[2], s_start[3]);
        var (v12, v13, v14, v15) = ((uint)counter, (uint)(counter >> 32), (uint)bytes, flags);
        for (var round = 0; round < 7; round++)
        {
            ref var step = ref Unsafe.Add(ref MemoryMarshal.GetReference(Schedule), 16 * round);
            Mix(ref v0, ref v4, ref v8, ref v12, Word(ref words, ref step, 0), Word(ref words, ref step, 1));
            Mix(ref v1, ref v5, ref v9, ref v13, Word(ref words, ref step, 2), Word(ref words, ref step, 3));
            Mix(ref v2, ref v6, ref v10, ref v14, Word(ref words, ref step, 4), Word(ref words, ref step, 5));
            Mix(ref v3, ref v7, ref v11, ref v15, Word(ref words, ref step, 6), Word(ref words, ref step, 7));
            Mix(ref v0, ref v5, ref v10, ref v15, Word(ref words, ref step, 8), Word(ref words, ref step, 9));
            Mix(ref v1, ref v6, ref v11, ref v12, Word(ref words, ref step, 10), Word(ref words, ref step, 11));
            Mix(ref v2, ref v7, ref v8, ref v13, Word(ref words, ref step, 12), Word(ref words, ref step, 13));
            Mix(ref v3, ref v4, ref v9, ref v14, Word(ref words, ref step, 14), Word(ref words, ref step, 15));
        }
        ReadOnlySpan<uint> result = [v0 ^ v8, v1 ^ v9, v2 ^ v10, v3 ^ v11, v4 ^ v12, v5 ^ v13, v6 ^ v14, v7 ^ v15];
        for (var i = 0; i < 8; i++) BinaryPrimitives.WriteUInt32LittleEndian(output[(4 * i)..], result[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Word(ref uint words, ref byte step, int index) => Unsafe.Add(ref words, (nint)Unsafe.Add(ref step, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref uint a, ref uint b, ref uint c, ref uint d, uint x, uint y)
    {
        a += b + x;
        d = BitOperations.RotateRight(d ^ a, 16);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 12);
        a += b + y;
        d = BitOperations.RotateRight(d ^ a, 8);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 7);
    }
}
