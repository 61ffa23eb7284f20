using System.Buffers.Binary;
using System.Text;

namespace ZooPlatform.Formats;

/// <summary>Member names of a zip, as far as its first and last bytes show them. Nothing is unpacked.</summary>
internal static class ZipNames
{
    /// <remarks>Back-slashes count as separators: genuine ML.NET archives use them.</remarks>
    public static HashSet<string> Find(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        Collect(head, "PK\x03\x04"u8, 30, 26, names);
        Collect(head, "PK\x01\x02"u8, 46, 28, names);
        Collect(tail, "PK\x01\x02"u8, 46, 28, names);
        return names;
    }

    private static void Collect(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> mark, int nameAt, int lengthAt, HashSet<string> names)
    {
        for (var at = bytes.IndexOf(mark); at >= 0 && bytes.Length >= nameAt;)
        {
            bytes = bytes[at..];
            if (bytes.Length < nameAt) return;
            var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[lengthAt..]);
            if (length > 0 && nameAt + length <= bytes.Length)
            {
                names.Add(Encoding.UTF8.GetString(bytes.Slice(nameAt, length)).Replace('\\', '/'));
            }
            bytes = bytes[4..];
            at = bytes.IndexOf(mark);
        }
    }
}
