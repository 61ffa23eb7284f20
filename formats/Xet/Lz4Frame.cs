using System.Buffers.Binary;

namespace ZooPlatform.Formats.Xet;

/// <summary>Decodes one LZ4 frame whose decoded size is known, and never writes a byte beyond it.</summary>
/// <remarks>Frame format 1.6.4 and block format of the LZ4 project. Checksums are skipped: what is decoded here is hashed anyway.</remarks>
internal static class Lz4Frame
{
    private const uint Magic = 0x184D2204;
    private const int MinMatch = 4;

    /// <summary>Fills <paramref name="output"/> exactly.</summary>
    /// <exception cref="InvalidDataException">The frame is no frame, ends early, holds more or less than the output, or points outside of it.</exception>
    public static void Decode(ReadOnlySpan<byte> frame, Span<byte> output)
    {
        if (frame.Length < 7 || BinaryPrimitives.ReadUInt32LittleEndian(frame) != Magic) throw Broken("does not begin as one");
        var flags = frame[4];
        if (flags >> 6 != 1 || (flags & 0b11) != 0) throw Broken("has a version or flag that is not known");   // bit 0: a dictionary, which nobody has
        var (blockSum, contentSize, contentSum) = ((flags & 16) != 0, (flags & 8) != 0, (flags & 4) != 0);
        var at = 6 + (contentSize ? 8 : 0) + 1;
        var written = 0;
        while (true)
        {
            var head = UInt32(frame, at);
            at += 4;
            if (head == 0) break;
            var length = (int)(head & 0x7FFFFFFF);
            if (length > frame.Length - at) throw Broken("has a block that goes beyond its end");
            var block = frame.Slice(at, length);
            written = (head & 0x80000000) != 0 ? Copy(block, output, written) : Block(block, output, written);
            at += length + (blockSum ? 4 : 0);
        }
        if (written != output.Length) throw Broken($"holds {written} bytes, not {output.Length}");
        if (at + (contentSum ? 4 : 0) != frame.Length) throw Broken("ends before or behind its end mark");
    }

    /// <summary>Sequences: a token, literals, and a match, which copies from what was written; the last has literals only.</summary>
    private static int Block(ReadOnlySpan<byte> block, Span<byte> output, int written)
    {
        var at = 0;
        while (true)
        {
            if (at >= block.Length) throw Broken("has a block that ends within a sequence");
            var token = block[at++];
            var literals = Length(block, ref at, token >> 4);
            if (literals > block.Length - at) throw Broken("has a block that ends within its literals");
            written = Copy(block.Slice(at, literals), output, written);
            at += literals;
            if (at == block.Length) return written;

            if (block.Length - at < 2) throw Broken("has a block that ends within an offset");
            var distance = BinaryPrimitives.ReadUInt16LittleEndian(block[at..]);
            at += 2;
            var match = Length(block, ref at, token & 15) + MinMatch;
            if (distance == 0 || distance > written) throw Broken("points before its beginning");
            if (match > output.Length - written) throw Broken($"holds more than {output.Length} bytes");
            Repeat(output, written, distance, match);
            written += match;
        }
    }

    private static int Length(ReadOnlySpan<byte> block, ref int at, int nibble)
    {
        if (nibble < 15) return nibble;
        var length = nibble;
        while (true)
        {
            if (at >= block.Length) throw Broken("has a block that ends within a length");
            var more = block[at++];
            length += more;   // 16 MiB of 255s at most: no overflow
            if (more != 255) return length;
        }
    }

    private static int Copy(ReadOnlySpan<byte> bytes, Span<byte> output, int written)
    {
        if (bytes.Length > output.Length - written) throw Broken($"holds more than {output.Length} bytes");
        bytes.CopyTo(output[written..]);
        return written + bytes.Length;
    }

    // A match may overlap what it writes: then the same bytes come again and again, each copy twice as long as the one before.
    private static void Repeat(Span<byte> output, int written, int distance, int count)
    {
        var from = written - distance;
        while (count > 0)
        {
            var step = Math.Min(count, written - from);
            output.Slice(from, step).CopyTo(output[written..]);
            written += step;
            count -= step;
        }
    }

    private static uint UInt32(ReadOnlySpan<byte> frame, int at) =>
        at <= frame.Length - 4 ? BinaryPrimitives.ReadUInt32LittleEndian(frame[at..]) : throw Broken("ends without its end mark");

    private static InvalidDataException Broken(string what) => new($"An LZ4 frame {what}.");
}
