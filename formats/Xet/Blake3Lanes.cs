using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace ZooPlatform.Formats.Xet;

/// <summary>BLAKE3's compression of eight or four inputs at a time: lane i of every vector belongs to input i.</summary>
internal static class Blake3Lanes
{
    /// <summary>Hashes eight neighbours that are equally long, each into 32 bytes of <paramref name="nodes"/>.</summary>
    /// <param name="bytesEach">Of one leaf, or 64 of a pair of nodes.</param>
    /// <param name="counter">The number of the first leaf; pairs have none. The content may begin where the nodes do: it is read before.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // from the first call on: a program that hashes one file is done before the runtime finds out what is hot
    public static void Eight(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> content, int bytesEach, ulong counter, Span<byte> nodes)
    {
        Span<Vector256<uint>> m = stackalloc Vector256<uint>[16];
        Span<Vector256<uint>> chaining = stackalloc Vector256<uint>[8];
        for (var i = 0; i < 8; i++) chaining[i] = Vector256.Create(key[i]);
        var leaf = bytesEach > Blake3.BlockBytes;
        var low = leaf ? Vector256.Create((uint)counter) + Vector256<uint>.Indices : Vector256<uint>.Zero;   // leaves come in eights, so the low half does not run over
        var high = Vector256.Create((uint)(counter >> 32));
        for (var at = 0; at < bytesEach; at += Blake3.BlockBytes)
        {
            var flags = mode | (leaf && at == 0 ? Blake3.ChunkStart : 0) | (leaf && at + Blake3.BlockBytes == bytesEach ? Blake3.ChunkEnd : 0);
            LoadEight(content[at..], bytesEach, m);
            Compress(m, chaining, low, high, Vector256.Create((uint)Blake3.BlockBytes), Vector256.Create(flags));
        }
        StoreEight(chaining, nodes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(Span<Vector256<uint>> m, Span<Vector256<uint>> chaining, Vector256<uint> low, Vector256<uint> high, Vector256<uint> bytes, Vector256<uint> flags)
    {
        ref var words = ref MemoryMarshal.GetReference(m);
        var (v0, v1, v2, v3) = (chaining[0], chaining[1], chaining[2], chaining[3]);
        var (v4, v5, v6, v7) = (chaining[4], chaining[5], chaining[6], chaining[7]);
        var (v8, v9) = (Vector256.Create(Blake3.s_start[0]), Vector256.Create(Blake3.s_start[1]));
        var (v10, v11) = (Vector256.Create(Blake3.s_start[2]), Vector256.Create(Blake3.s_start[3]));
        var (v12, v13, v14, v15) = (low, high, bytes, flags);
        for (var round = 0; round < 7; round++)
        {
            ref var step = ref Unsafe.Add(ref MemoryMarshal.GetReference(Blake3.Schedule), 16 * round);
            Mix(ref v0, ref v4, ref v8, ref v12, Word(ref words, ref step, 0), Word(ref words, ref step, 1));
            Mix(ref v1, ref v5, ref v9, ref v13, Word(ref words, ref step, 2), Word(ref words, ref step, 3));
            Mix(ref v2, ref v6, ref v10, ref v14, Word(ref words, ref step, 4), Word(ref words, ref step, 5));
            Mix(ref v3, ref v7, ref v11, ref v15, Word(ref words, ref step, 6), Word(ref words, ref step, 7));
            Mix(ref v0, ref v5, ref v10, ref v15, Word(ref words, ref step, 8), Word(ref words, ref step, 9));
            Mix(ref v1, ref v6, ref v11, ref v12, Word(ref words, ref step, 10), Word(ref words, ref step, 11));
            Mix(ref v2, ref v7, ref v8, ref v13, Word(ref words, ref step, 12), Word(ref words, ref step, 13));
            Mix(ref v3, ref v4, ref v9, ref v14, Word(ref words, ref step, 14), Word(ref words, ref step, 15));
        }
        (chaining[0], chaining[1], chaining[2], chaining[3]) = (v0 ^ v8, v1 ^ v9, v2 ^ v10, v3 ^ v11);
        (chaining[4], chaining[5], chaining[6], chaining[7]) = (v4 ^ v12, v5 ^ v13, v6 ^ v14, v7 ^ v15);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Word(ref Vector256<uint> words, ref byte step, int index) => Unsafe.Add(ref words, (nint)Unsafe.Add(ref step, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref Vector256<uint> a, ref Vector256<uint> b, ref Vector256<uint> c, ref Vector256<uint> d, Vector256<uint> x, Vector256<uint> y)
    {
        a = a + b + x;
        d = Turn((d ^ a).AsByte(), Rotate16Of8).AsUInt32();
        c += d;
        b ^= c;
        b = (b >>> 12) | (b << 20);
        a = a + b + y;
        d = Turn((d ^ a).AsByte(), Rotate8Of8).AsUInt32();
        c += d;
        b ^= c;
        b = (b >>> 7) | (b << 25);
    }

    /// <summary>Hashes four neighbours that are equally long, each into 32 bytes of <paramref name="nodes"/>.</summary>
    /// <param name="bytesEach">Of one leaf, or 64 of a pair of nodes.</param>
    /// <param name="counter">The number of the first leaf; pairs have none. The content may begin where the nodes do: it is read before.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // from the first call on: a program that hashes one file is done before the runtime finds out what is hot
    public static void Four(ReadOnlySpan<uint> key, uint mode, ReadOnlySpan<byte> content, int bytesEach, ulong counter, Span<byte> nodes)
    {
        Span<Vector128<uint>> m = stackalloc Vector128<uint>[16];
        Span<Vector128<uint>> chaining = stackalloc Vector128<uint>[8];
        for (var i = 0; i < 8; i++) chaining[i] = Vector128.Create(key[i]);
        var leaf = bytesEach > Blake3.BlockBytes;
        var low = leaf ? Vector128.Create((uint)counter) + Vector128<uint>.Indices : Vector128<uint>.Zero;   // leaves come in fours, so the low half does not run over
        var high = Vector128.Create((uint)(counter >> 32));
        for (var at = 0; at < bytesEach; at += Blake3.BlockBytes)
        {
            var flags = mode | (leaf && at == 0 ? Blake3.ChunkStart : 0) | (leaf && at + Blake3.BlockBytes == bytesEach ? Blake3.ChunkEnd : 0);
            LoadFour(content[at..], bytesEach, m);
            Compress(m, chaining, low, high, Vector128.Create((uint)Blake3.BlockBytes), Vector128.Create(flags));
        }
        StoreFour(chaining, nodes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compress(Span<Vector128<uint>> m, Span<Vector128<uint>> chaining, Vector128<uint> low, Vector128<uint> high, Vector128<uint> bytes, Vector128<uint> flags)
    {
        ref var words = ref MemoryMarshal.GetReference(m);
        var (v0, v1, v2, v3) = (chaining[0], chaining[1], chaining[2], chaining[3]);
        var (v4, v5, v6, v7) = (chaining[4], chaining[5], chaining[6], chaining[7]);
        var (v8, v9) = (Vector128.Create(Blake3.s_start[0]), Vector128.Create(Blake3.s_start[1]));
        var (v10, v11) = (Vector128.Create(Blake3.s_start[2]), Vector128.Create(Blake3.s_start[3]));
        var (v12, v13, v14, v15) = (low, high, bytes, flags);
        for (var round = 0; round < 7; round++)
        {
            ref var step = ref Unsafe.Add(ref MemoryMarshal.GetReference(Blake3.Schedule), 16 * round);
            Mix(ref v0, ref v4, ref v8, ref v12, Word(ref words, ref step, 0), Word(ref words, ref step, 1));
            Mix(ref v1, ref v5, ref v9, ref v13, Word(ref words, ref step, 2), Word(ref words, ref step, 3));
            Mix(ref v2, ref v6, ref v10, ref v14, Word(ref words, ref step, 4), Word(ref words, ref step, 5));
            Mix(ref v3, ref v7, ref v11, ref v15, Word(ref words, ref step, 6), Word(ref words, ref step, 7));
            Mix(ref v0, ref v5, ref v10, ref v15, Word(ref words, ref step, 8), Word(ref words, ref step, 9));
            Mix(ref v1, ref v6, ref v11, ref v12, Word(ref words, ref step, 10), Word(ref words, ref step, 11));
            Mix(ref v2, ref v7, ref v8, ref v13, Word(ref words, ref step, 12), Word(ref words, ref step, 13));
            Mix(ref v3, ref v4, ref v9, ref v14, Word(ref words, ref step, 14), Word(ref words, ref step, 15));
        }
        (chaining[0], chaining[1], chaining[2], chaining[3]) = (v0 ^ v8, v1 ^ v9, v2 ^ v10, v3 ^ v11);
        (chaining[4], chaining[5], chaining[6], chaining[7]) = (v4 ^ v12, v5 ^ v13, v6 ^ v14, v7 ^ v15);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Word(ref Vector128<uint> words, ref byte step, int index) => Unsafe.Add(ref words, (nint)Unsafe.Add(ref step, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref Vector128<uint> a, ref Vector128<uint> b, ref Vector128<uint> c, ref Vector128<uint> d, Vector128<uint> x, Vector128<uint> y)
    {
        a = a + b + x;
        d = Turn((d ^ a).AsByte(), Rotate16Of4).AsUInt32();
        c += d;
        b ^= c;
        b = (b >>> 12) | (b << 20);
        a = a + b + y;
        d = Turn((d ^ a).AsByte(), Rotate8Of4).AsUInt32();
        c += d;
        b ^= c;
        b = (b >>> 7) | (b << 25);
    }

    // The indices stay within each half, which the general Shuffle of 256 bits does not always see.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Turn(Vector256<byte> bytes, Vector256<byte> by) =>
        Avx2.IsSupported ? Avx2.Shuffle(bytes, by) : Vector256.Shuffle(bytes, by);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Turn(Vector128<byte> bytes, Vector128<byte> by) =>
        Ssse3.IsSupported ? Ssse3.Shuffle(bytes, by) : Vector128.Shuffle(bytes, by);

    private static Vector256<byte> Rotate16Of8
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13, 18, 19, 16, 17, 22, 23, 20, 21, 26, 27, 24, 25, 30, 31, 28, 29);
    }

    private static Vector256<byte> Rotate8Of8
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create((byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12, 17, 18, 19, 16, 21, 22, 23, 20, 25, 26, 27, 24, 29, 30, 31, 28);
    }

    private static Vector128<byte> Rotate16Of4
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13);
    }

    private static Vector128<byte> Rotate8Of4
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12);
    }

    /// <summary>Word j of each of eight blocks becomes vector j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LoadEight(ReadOnlySpan<byte> content, int bytesEach, Span<Vector256<uint>> m)
    {
        Span<Vector128<uint>> half = stackalloc Vector128<uint>[16];
        LoadFour(content, bytesEach, half);
        for (var i = 0; i < 16; i++) m[i] = Vector256.Create(half[i], Vector128<uint>.Zero);
        LoadFour(content[(4 * bytesEach)..], bytesEach, half);
        for (var i = 0; i < 16; i++) m[i] = m[i].WithUpper(half[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LoadFour(ReadOnlySpan<byte> content, int bytesEach, Span<Vector128<uint>> m)
    {
        for (var i = 0; i < 16; i += 4)
        {
            var place = content[(4 * i)..];
            (m[i], m[i + 1], m[i + 2], m[i + 3]) = Transpose(
                Words(place), Words(place[bytesEach..]), Words(place[(2 * bytesEach)..]), Words(place[(3 * bytesEach)..]));
        }
    }

    private static void StoreEight(ReadOnlySpan<Vector256<uint>> chaining, Span<byte> nodes)
    {
        Span<Vector128<uint>> half = stackalloc Vector128<uint>[8];
        for (var i = 0; i < 8; i++) half[i] = chaining[i].GetLower();
        StoreFour(half, nodes);
        for (var i = 0; i < 8; i++) half[i] = chaining[i].GetUpper();
        StoreFour(half, nodes[(4 * Blake3.HashBytes)..]);
    }

    private static void StoreFour(ReadOnlySpan<Vector128<uint>> chaining, Span<byte> nodes)
    {
        for (var i = 0; i < 8; i += 4)
        {
            var (a, b, c, d) = Transpose(chaining[i], chaining[i + 1], chaining[i + 2], chaining[i + 3]);
            a.AsByte().CopyTo(nodes[(4 * i)..]);
            b.AsByte().CopyTo(nodes[(Blake3.HashBytes + 4 * i)..]);
            c.AsByte().CopyTo(nodes[(2 * Blake3.HashBytes + 4 * i)..]);
            d.AsByte().CopyTo(nodes[(3 * Blake3.HashBytes + 4 * i)..]);
        }
    }

    private static Vector128<uint> Words(ReadOnlySpan<byte> place) => Vector128.Create(place).AsUInt32();

    private static (Vector128<uint>, Vector128<uint>, Vector128<uint>, Vector128<uint>) Transpose(
        Vector128<uint> a, Vector128<uint> b, Vector128<uint> c, Vector128<uint> d)
    {
        var (ab, cd) = (Low(a, b).AsUInt64(), Low(c, d).AsUInt64());
        var (ab2, cd2) = (High(a, b).AsUInt64(), High(c, d).AsUInt64());
        return (Vector128.Create(ab.GetLower(), cd.GetLower()).AsUInt32(), Vector128.Create(ab.GetUpper(), cd.GetUpper()).AsUInt32(),
            Vector128.Create(ab2.GetLower(), cd2.GetLower()).AsUInt32(), Vector128.Create(ab2.GetUpper(), cd2.GetUpper()).AsUInt32());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Low(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b) : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> High(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b) : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);
}
