using System.Buffers.Binary;
using System.Text;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Archives;

/// <summary>A zip archive whose files are stored as they are: weights do not shrink, and so its length is known.</summary>
/// <remarks>
/// <code>
/// each file   local header   blob
/// each file   central header
/// the end     [Zip64 end and its locator]  end
/// </code>
/// Zip64 fields stand only where a size, an offset or the count does not fit (APPNOTE 6.3, 4.3 to 4.5). UTF-8 names, Unix modes, the
/// revision's time in UTC beside the local one that zip has.
/// </remarks>
/// <param name="prefix">Stands before each path.</param>
internal sealed class ZipLayout(IReadOnlyList<KitFile> files, string prefix, DateTimeOffset at, Func<int, CancellationToken, ValueTask<uint>> crcOf) : IArchiveLayout
{
    private const uint Full = 0xFFFF_FFFF;
    private const int LocalBytes = 30, CentralBytes = 46, EndBytes = 22, End64Bytes = 56 + 20;
    private const int TimeExtraBytes = 9;
    private const int Utf8Names = 1 << 11;

    private readonly long[] _offsets = Offsets(files, prefix);
    private long? _centralLength;

    public int Count => files.Count * 3 + 1;

    private long CentralOffset => _offsets[^1];

    private long CentralLength => _centralLength ??= Enumerable.Range(0, files.Count).Sum(index => (long)CentralLengthOf(index));

    public BlobHash? BlobOf(int piece) => piece < files.Count * 2 && piece % 2 == 1 ? files[piece / 2].Hash : null;

    public long LengthOf(int piece)
    {
        if (piece == Count - 1) return EndBytes + (NeedsEnd64 ? End64Bytes : 0);
        if (piece >= files.Count * 2) return CentralLengthOf(piece - files.Count * 2);
        return piece % 2 == 1 ? files[piece / 2].SizeBytes : LocalLengthOf(files[piece / 2], prefix);
    }

    public async ValueTask<byte[]> MakeAsync(int piece, CancellationToken ct)
    {
        if (piece == Count - 1) return MakeEnd();
        var isCentral = piece >= files.Count * 2;
        var index = isCentral ? piece - files.Count * 2 : piece / 2;
        var crc = await crcOf(index, ct);
        return isCentral ? MakeCentral(index, crc) : MakeLocal(files[index], crc);
    }

    private static long[] Offsets(IReadOnlyList<KitFile> files, string prefix)
    {
        var offsets = new long[files.Count + 1];
        for (var i = 0; i < files.Count; i++) offsets[i + 1] = offsets[i] + LocalLengthOf(files[i], prefix) + files[i].SizeBytes;
        return offsets;
    }

    private static bool IsLarge(KitFile file) => file.SizeBytes >= Full;

    private bool NeedsEnd64 => files.Count >= 0xFFFF || CentralOffset >= Full || CentralLength >= Full;

    private static int LocalLengthOf(KitFile file, string prefix) => LocalBytes + Encoding.UTF8.GetByteCount(prefix + file.Path) + TimeExtraBytes + (IsLarge(file) ? 20 : 0);

    private int CentralLengthOf(int index) => CentralBytes + Encoding.UTF8.GetByteCount(prefix + files[index].Path) + TimeExtraBytes + CentralExtra64(index);

    /// <summary>Of the Zip64 extra field: 4 bytes and 8 for each value that it takes over.</summary>
    private int CentralExtra64(int index)
    {
        var values = (IsLarge(files[index]) ? 2 : 0) + (_offsets[index] >= Full ? 1 : 0);
        return values == 0 ? 0 : 4 + 8 * values;
    }

    private byte[] MakeLocal(KitFile file, uint crc)
    {
        var record = new Record(LocalLengthOf(file, prefix));
        var name = Encoding.UTF8.GetBytes(prefix + file.Path);
        record.Int32(0x04034B50);
        record.Int16(IsLarge(file) ? 45 : 20);
        WriteShared(record, file, crc, name, TimeExtraBytes + (IsLarge(file) ? 20 : 0));
        record.Bytes(name);
        WriteTime(record);
        if (!IsLarge(file)) return record.Content;
        record.Int16(1);
        record.Int16(16);
        record.Int64(file.SizeBytes);
        record.Int64(file.SizeBytes);
        return record.Content;
    }

    private byte[] MakeCentral(int index, uint crc)
    {
        var (file, offset, extra64) = (files[index], _offsets[index], CentralExtra64(index));
        var record = new Record(CentralLengthOf(index));
        var name = Encoding.UTF8.GetBytes(prefix + file.Path);
        record.Int32(0x02014B50);
        record.Int16((3 << 8) | 45);   // made on Unix
        record.Int16(extra64 > 0 ? 45 : 20);
        WriteShared(record, file, crc, name, TimeExtraBytes + extra64);
        record.Int16(0);
        record.Int16(0);
        record.Int16(0);
        record.Int32((file.Executable ? 0x81EDu : 0x81A4u) << 16);   // a regular file, 0755 or 0644
        record.Int32((uint)Math.Min(offset, Full));
        record.Bytes(name);
        WriteTime(record);
        if (extra64 == 0) return record.Content;
        record.Int16(1);
        record.Int16(extra64 - 4);
        if (IsLarge(file))
        {
            record.Int64(file.SizeBytes);
            record.Int64(file.SizeBytes);
        }
        if (offset >= Full) record.Int64(offset);
        return record.Content;
    }

    private byte[] MakeEnd()
    {
        var record = new Record((int)LengthOf(Count - 1));
        if (NeedsEnd64)
        {
            record.Int32(0x06064B50);
            record.Int64(44);
            record.Int16((3 << 8) | 45);
            record.Int16(45);
            record.Int32(0);
            record.Int32(0);
            record.Int64(files.Count);
            record.Int64(files.Count);
            record.Int64(CentralLength);
            record.Int64(CentralOffset);
            record.Int32(0x07064B50);
            record.Int32(0);
            record.Int64(CentralOffset + CentralLength);
            record.Int32(1);
        }
        record.Int32(0x06054B50);
        record.Int16(0);
        record.Int16(0);
        record.Int16(Math.Min(files.Count, 0xFFFF));
        record.Int16(Math.Min(files.Count, 0xFFFF));
        record.Int32((uint)Math.Min(CentralLength, Full));
        record.Int32((uint)Math.Min(CentralOffset, Full));
        record.Int16(0);
        return record.Content;
    }

    private void WriteShared(Record record, KitFile file, uint crc, byte[] name, int extraBytes)
    {
        var size = (uint)Math.Min(file.SizeBytes, Full);
        var (year, time) = (Math.Clamp(at.Year, 1980, 2107), at.UtcDateTime);
        record.Int16(Utf8Names);
        record.Int16(0);   // stored
        record.Int16((time.Hour << 11) | (time.Minute << 5) | (time.Second / 2));
        record.Int16(((year - 1980) << 9) | (time.Month << 5) | time.Day);
        record.Int32(crc);
        record.Int32(size);
        record.Int32(size);
        record.Int16(name.Length);
        record.Int16(extraBytes);
    }

    private void WriteTime(Record record)
    {
        record.Int16(0x5455);
        record.Int16(5);
        record.Byte(1);
        record.Int32((uint)at.ToUnixTimeSeconds());
    }

    private sealed class Record(int length)
    {
        private int _at;

        public byte[] Content { get; } = new byte[length];

        public void Byte(byte value) => Content[_at++] = value;

        public void Bytes(byte[] value)
        {
            value.CopyTo(Content, _at);
            _at += value.Length;
        }

        public void Int16(int value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(Content.AsSpan(_at), (ushort)value);
            _at += 2;
        }

        public void Int32(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(Content.AsSpan(_at), value);
            _at += 4;
        }

        public void Int64(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(Content.AsSpan(_at), value);
            _at += 8;
        }
    }
}
