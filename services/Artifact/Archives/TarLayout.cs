using System.Globalization;
using System.Text;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Archives;

/// <summary>A tar archive (POSIX pax): no owners, the revision's time, only files.</summary>
/// <remarks>
/// <code>
/// each file   [pax header and its records, when the name or the size does not fit]  header   blob
/// the end     two blocks of zeros
/// </code>
/// All in blocks of 512 bytes; what fills a blob's last block stands at the beginning of the piece after it.
/// </remarks>
/// <param name="prefix">Stands before each path.</param>
internal sealed class TarLayout(IReadOnlyList<KitFile> files, string prefix, DateTimeOffset at) : IArchiveLayout
{
    private const int Block = 512;
    private const int NameBytes = 100;
    private const long MaxSize = (1L << 33) - 1;   // eleven octal digits

    public int Count => files.Count * 2 + 1;

    public BlobHash? BlobOf(int piece) => piece % 2 == 1 ? files[piece / 2].Hash : null;

    public long LengthOf(int piece)
    {
        if (piece % 2 == 1) return files[piece / 2].SizeBytes;
        var padding = piece == 0 ? 0 : Padding(files[piece / 2 - 1].SizeBytes);
        if (piece == Count - 1) return padding + 2 * Block;
        var records = Records(files[piece / 2]);
        return padding + Block + (records.Length == 0 ? 0 : Block + records.Length + Padding(records.Length));
    }

    public ValueTask<byte[]> MakeAsync(int piece, CancellationToken ct)
    {
        var bytes = new byte[LengthOf(piece)];
        if (piece == Count - 1) return new(bytes);
        var file = files[piece / 2];
        var offset = piece == 0 ? 0 : (int)Padding(files[piece / 2 - 1].SizeBytes);
        var records = Records(file);
        if (records.Length > 0)
        {
            WriteHeader(bytes.AsSpan(offset, Block), Encoding.ASCII.GetBytes("PaxHeader"), 'x', executable: false, records.Length);
            records.CopyTo(bytes, offset + Block);
            offset += Block + records.Length + (int)Padding(records.Length);
        }
        var name = Encoding.UTF8.GetBytes(prefix + file.Path);
        WriteHeader(bytes.AsSpan(offset, Block), name.AsSpan(0, Math.Min(name.Length, NameBytes)), '0', file.Executable, file.SizeBytes);
        return new(bytes);
    }

    private static long Padding(long length) => (Block - length % Block) % Block;

    // What the header cannot hold: names that are long or not ASCII, sizes of 8 GiB and more.
    private byte[] Records(KitFile file)
    {
        var name = prefix + file.Path;
        var records = new StringBuilder();
        if (Encoding.UTF8.GetByteCount(name) > NameBytes || !Ascii.IsValid(name)) records.Append(Record("path", name));
        if (file.SizeBytes > MaxSize) records.Append(Record("size", file.SizeBytes.ToString(CultureInfo.InvariantCulture)));
        return Encoding.UTF8.GetBytes(records.ToString());
    }

    /// <summary>A record begins with its own length in bytes, those digits included.</summary>
    private static string Record(string key, string value)
    {
        var rest = Encoding.UTF8.GetByteCount(value) + key.Length + 3;
        var length = rest + Digits(rest);
        if (Digits(length) > Digits(rest)) length++;
        return string.Create(CultureInfo.InvariantCulture, $"{length} {key}={value}\n");
    }

    private static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;

    private void WriteHeader(Span<byte> header, ReadOnlySpan<byte> name, char type, bool executable, long size)
    {
        name.CopyTo(header);
        WriteOctal(header.Slice(100, 8), executable ? 0b111_101_101 : 0b110_100_100);
        WriteOctal(header.Slice(108, 8), 0);
        WriteOctal(header.Slice(116, 8), 0);
        WriteOctal(header.Slice(124, 12), size > MaxSize ? 0 : size);
        WriteOctal(header.Slice(136, 12), at.ToUnixTimeSeconds());
        header[156] = (byte)type;
        "ustar\0"u8.CopyTo(header[257..]);
        "00"u8.CopyTo(header[263..]);
        // The checksum counts its own field as spaces.
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var one in header) sum += one;
        WriteOctal(header.Slice(148, 7), sum);
    }

    private static void WriteOctal(Span<byte> field, long value)
    {
        for (var i = field.Length - 2; i >= 0; i--, value >>= 3) field[i] = (byte)('0' + (value & 7));
        field[^1] = 0;
    }
}
