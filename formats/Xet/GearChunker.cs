using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ZooPlatform.Formats.Xet;

/// <summary>Cuts content into chunks of 8 to 128 KiB, 64 KiB in the mean, at places that depend on nothing but the bytes before them: what was not
/// changed is cut as before, whatever was inserted in front of it.</summary>
/// <remarks>
/// A cut follows a byte where the rolling hash <c>h = (h &lt;&lt; 1) + gear[byte]</c> has 16 zero bits on top and the chunk at least 8 KiB, or at 128 KiB.
/// After 64 bytes the hash has forgotten what came before, so the scan begins 64 bytes before the first place that may be a cut, and four
/// places are followed at a time: a step of one waits for the step before it, four do not wait for each other.
/// <code>
/// while (chunker.Next(buffer.Span) is > 0 and var length) { ...buffer[..length]...; buffer = buffer[length..]; }
/// </code>
/// </remarks>
public static class GearChunker
{
    public const int MinBytes = 8 * 1024;
    public const int MaxBytes = 128 * 1024;

    private const int Window = 64;
    private const int Lane = 2048;
    private const ulong Limit = 1UL << 48;

    /// <summary>The length of the chunk that <paramref name="data"/> begins with.</summary>
    /// <param name="data">Begins where a chunk begins.</param>
    /// <param name="isLast">The content ends where the data ends.</param>
    /// <returns>0: it cannot be told before there is more data, or there is none. <see cref="MaxBytes"/> are always enough.</returns>
    public static int NextLength(ReadOnlySpan<byte> data, bool isLast)
    {
        var end = Math.Min(data.Length, MaxBytes);
        var cut = Scan(data[..end]);
        if (cut > 0) return cut;
        return end == MaxBytes || isLast ? end : 0;
    }

    private static int Scan(ReadOnlySpan<byte> data)
    {
        var at = MinBytes - 1;   // the first byte after which a cut may come
        for (; at + 4 * Lane <= data.Length; at += 4 * Lane)
            if (ScanLanes(data.Slice(at - Window, Window + 4 * Lane)) is >= 0 and var found) return at + found + 1;
        return ScanOne(data, at);
    }

    private static int ScanOne(ReadOnlySpan<byte> data, int at)
    {
        if (at >= data.Length) return 0;
        var gear = GearTable.Values;
        var h = HashBefore(data, at);
        for (; at < data.Length; at++)
        {
            h = (h << 1) + gear[data[at]];
            if (h < Limit) return at + 1;
        }
        return 0;
    }

    /// <returns>After which byte behind the window the first cut comes; -1: there is none.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // from the first call on, before the runtime finds out that it is hot
    private static int ScanLanes(ReadOnlySpan<byte> data)
    {
        ref var gear = ref MemoryMarshal.GetReference(GearTable.Values);
        ref var b0 = ref Unsafe.Add(ref MemoryMarshal.GetReference(data), Window);   // the slice above has all bytes that are touched
        var (h0, h1) = (HashBefore(data, Window), HashBefore(data, Window + Lane));
        var (h2, h3) = (HashBefore(data, Window + 2 * Lane), HashBefore(data, Window + 3 * Lane));
        var (cut1, cut2, cut3) = (-1, -1, -1);
        for (nint i = 0; i < Lane; i++)
        {
            h0 = (h0 << 1) + Unsafe.Add(ref gear, (nint)Unsafe.Add(ref b0, i));
            h1 = (h1 << 1) + Unsafe.Add(ref gear, (nint)Unsafe.Add(ref b0, i + Lane));
            h2 = (h2 << 1) + Unsafe.Add(ref gear, (nint)Unsafe.Add(ref b0, i + 2 * Lane));
            h3 = (h3 << 1) + Unsafe.Add(ref gear, (nint)Unsafe.Add(ref b0, i + 3 * Lane));
            if (h0 < Limit) return (int)i;
            if (h1 < Limit && cut1 < 0) cut1 = (int)i + Lane;
            if (h2 < Limit && cut2 < 0) cut2 = (int)i + 2 * Lane;
            if (h3 < Limit && cut3 < 0) cut3 = (int)i + 3 * Lane;
        }
        return cut1 >= 0 ? cut1 : cut2 >= 0 ? cut2 : cut3;
    }

    private static ulong HashBefore(ReadOnlySpan<byte> data, int at)
    {
        var gear = GearTable.Values;
        var h = 0UL;
        foreach (var value in data.Slice(at - Window, Window)) h = (h << 1) + gear[value];
        return h;
    }
}
