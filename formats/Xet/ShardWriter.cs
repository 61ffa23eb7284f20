using System.Buffers;
using System.Buffers.Binary;

namespace ZooPlatform.Formats.Xet;

/// <summary>Writes a shard: files, <see cref="EndFiles"/>, xorbs, <see cref="EndXorbs"/>, and a footer where the reader wants one.</summary>
public sealed class ShardWriter
{
    private readonly IBufferWriter<byte> _output;
    private long _written, _xorbsAt, _rawBytes;

    public ShardWriter(IBufferWriter<byte> output, bool withFooter)
    {
        _output = output;
        var header = Record();
        ShardFormat.Tag.CopyTo(header);
        BinaryPrimitives.WriteUInt64LittleEndian(header[32..], ShardFormat.HeaderVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(header[40..], withFooter ? ShardFormat.FooterBytes : 0UL);
        Done();
    }

    public void File(ShardFile file)
    {
        var verified = file.Terms.Any(term => term.Verification is not null);
        var flags = (verified ? ShardFormat.HasVerification : 0) | (file.Sha256 is not null ? ShardFormat.HasSha256 : 0);
        Write(file.Hash, flags, (uint)file.Terms.Count, 0, 0);
        foreach (var term in file.Terms) Write(term.Xorb, 0, term.SizeBytes, term.First, term.End);
        if (verified)
            foreach (var term in file.Terms) Write(term.Verification!.Value, 0, 0, 0, 0);
        if (file.Sha256 is not null && XetHash.TryParse(file.Sha256, out var sha256)) Write(sha256, 0, 0, 0, 0);
    }

    public void EndFiles()
    {
        Write(ShardFormat.Mark, 0, 0, 0, 0);
        _xorbsAt = _written;
    }

    public void Xorb(ShardXorb xorb)
    {
        var size = xorb.Chunks.Sum(chunk => (long)chunk.SizeBytes);
        Write(xorb.Hash, 0, (uint)xorb.Chunks.Count, (uint)size, (uint)(size + (long)XorbChunkHead.Bytes * xorb.Chunks.Count));
        var at = 0u;
        foreach (var chunk in xorb.Chunks)
        {
            Write(chunk.Hash, at, chunk.SizeBytes, 0, 0);
            at += chunk.SizeBytes;
        }
        _rawBytes += size;
    }

    public void EndXorbs() => Write(ShardFormat.Mark, 0, 0, 0, 0);

    /// <summary>A footer whose lookup tables are empty and whose hashes have no key.</summary>
    public void Footer(DateTimeOffset made, DateTimeOffset expires)
    {
        var footer = _output.GetSpan(ShardFormat.FooterBytes)[..ShardFormat.FooterBytes];
        footer.Clear();
        var at = _written;
        ReadOnlySpan<(int Place, long Value)> fields =
        [
            (0, 1), (8, ShardFormat.RecordBytes), (16, _xorbsAt), (24, at), (40, at), (56, at),   // version, sections, three empty tables
            (104, made.ToUnixTimeSeconds()), (112, expires.ToUnixTimeSeconds()), (168, _rawBytes), (176, _rawBytes), (184, _rawBytes), (192, at),
        ];
        foreach (var (place, value) in fields) BinaryPrimitives.WriteInt64LittleEndian(footer[place..], value);
        _output.Advance(ShardFormat.FooterBytes);
    }

    private void Write(XetHash hash, uint first, uint second, uint third, uint fourth)
    {
        var record = Record();
        hash.Write(record);
        BinaryPrimitives.WriteUInt32LittleEndian(record[32..], first);
        BinaryPrimitives.WriteUInt32LittleEndian(record[36..], second);
        BinaryPrimitives.WriteUInt32LittleEndian(record[40..], third);
        BinaryPrimitives.WriteUInt32LittleEndian(record[44..], fourth);
        Done();
    }

    private Span<byte> Record()
    {
        var record = _output.GetSpan(ShardFormat.RecordBytes)[..ShardFormat.RecordBytes];
        record.Clear();
        return record;
    }

    private void Done()
    {
        _output.Advance(ShardFormat.RecordBytes);
        _written += ShardFormat.RecordBytes;
    }
}
