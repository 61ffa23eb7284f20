using System.Buffers.Binary;
using System.Numerics;

namespace Aspire.Hosting.Publishing;

/// <summary>xxHash32 with seed 0 (Collet, xxHash fast digest algorithm, 2012): names the manifest's conditional values.</summary>
internal static class XxHash32
{
    private const uint Prime1 = 2654435761, Prime2 = 2246822519, Prime3 = 3266489917, Prime4 = 668265263, Prime5 = 374761393;

    public static uint Of(ReadOnlySpan<byte> input)
    {
        // 1. Stripes of 16 bytes go into four lanes; 2. the lanes become one number; 3. the rest follows; 4. the bits are mixed.
        var rest = input;
        uint hash;
        if (input.Length >= 16)
        {
            Span<uint> lanes = [unchecked(Prime1 + Prime2), Prime2, 0, unchecked(0 - Prime1)];
            for (; rest.Length >= 16; rest = rest[16..])
            {
                for (var lane = 0; lane < 4; lane++)
                {
                    lanes[lane] = BitOperations.RotateLeft(lanes[lane] + Word(rest, lane * 4) * Prime2, 13) * Prime1;
                }
            }

            hash = BitOperations.RotateLeft(lanes[0], 1) + BitOperations.RotateLeft(lanes[1], 7)
                + BitOperations.RotateLeft(lanes[2], 12) + BitOperations.RotateLeft(lanes[3], 18);
        }
        else
        {
            hash = Prime5;
        }

        hash += (uint)input.Length;
        for (; rest.Length >= 4; rest = rest[4..])
        {
            hash = BitOperations.RotateLeft(hash + Word(rest, 0) * Prime3, 17) * Prime4;
        }

        foreach (var one in rest)
        {
            hash = BitOperations.RotateLeft(hash + one * Prime5, 11) * Prime1;
        }

        hash = (hash ^ (hash >> 15)) * Prime2;
        hash = (hash ^ (hash >> 13)) * Prime3;
        return hash ^ (hash >> 16);
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);
}
