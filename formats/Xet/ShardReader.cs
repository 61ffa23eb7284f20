using System.Buffers;
using System.Buffers.Binary;

namespace ZooPlatform.Formats.Xet;

/// <summary>Reads a shard from a stream: first all files, then one xorb after the other. A count in it is a claim: lists grow as records
/// come, so memory is bounded by the bytes that were sent.</summary>
public sealed class ShardReader(Stream shard) : IDisposable
{
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Of all files together: what is kept in memory. A client names runs of a thousand chunks where it can.</summary>
    public const int MaxTerms = 400_000;

    private const int BufferBytes = 64 * 1024;
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _begin, _end;
    private long _total;
    private int _terms;

    /// <exception cref="InvalidDataException">It is no shard, or is cut.</exception>
    public async Task<IReadOnlyList<ShardFile>> ReadFilesAsync(CancellationToken ct)
    {
        var header = await RecordAsync(ct);
        if (!header.Span.StartsWith(ShardFormat.Tag)) throw new InvalidDataException("The body does not begin as a shard does.");
        var version = BinaryPrimitives.ReadUInt64LittleEndian(header.Span[32..]);
        if (version != ShardFormat.HeaderVersion) throw new InvalidDataException($"The shard has version {version}; known is {ShardFormat.HeaderVersion}.");
        var files = new List<ShardFile>();
        while (true)
        {
            var record = await RecordAsync(ct);
            var hash = XetHash.Read(record.Span);
            if (hash == ShardFormat.Mark) return files;
            files.Add(await FileAsync(hash, UInt32(record, 32), UInt32(record, 36), ct));
        }
    }

    /// <summary>The next xorb, once all files are read.</summary>
    /// <returns>Null: there is no other; a footer is not looked at.</returns>
    /// <exception cref="InvalidDataException">It is cut.</exception>
    public async Task<ShardXorb?> NextXorbAsync(CancellationToken ct)
    {
        var record = await RecordAsync(ct);
        var hash = XetHash.Read(record.Span);
        if (hash == ShardFormat.Mark) return null;
        var count = UInt32(record, 36);
        var chunks = new List<ShardChunk>();
        for (var i = 0u; i < count; i++)
        {
            if (chunks.Count == XorbReader.MaxChunks) throw new InvalidDataException($"The shard lists more than {XorbReader.MaxChunks} chunks of the xorb {hash}.");
            var chunk = await RecordAsync(ct);
            chunks.Add(new ShardChunk(XetHash.Read(chunk.Span), UInt32(chunk, 36)));
        }
        return new ShardXorb(hash, chunks);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private async Task<ShardFile> FileAsync(XetHash hash, uint flags, uint count, CancellationToken ct)
    {
        var terms = new List<ShardTerm>();
        for (var i = 0u; i < count; i++)
        {
            if (++_terms > MaxTerms) throw new InvalidDataException($"The shard has more than {MaxTerms} terms. Commit fewer files at once.");
            var term = await RecordAsync(ct);
            terms.Add(new ShardTerm(XetHash.Read(term.Span), UInt32(term, 36), UInt32(term, 40), UInt32(term, 44), null));
        }
        if ((flags & ShardFormat.HasVerification) != 0)
            for (var i = 0; i < terms.Count; i++) terms[i] = terms[i] with { Verification = XetHash.Read((await RecordAsync(ct)).Span) };
        if ((flags & ShardFormat.HasSha256) == 0) return new ShardFile(hash, terms, null);
        // Clients read the usual digits as if they were a hash of Xet's, so its text is the usual digits again.
        return new ShardFile(hash, terms, XetHash.Read((await RecordAsync(ct)).Span).ToString());
    }

    /// <summary>The next 48 bytes, good until the next are asked for.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> RecordAsync(CancellationToken ct)
    {
        if (_end - _begin < ShardFormat.RecordBytes)
        {
            _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
            (_begin, _end) = (0, _end - _begin);
            var read = await shard.ReadAtLeastAsync(_buffer.AsMemory(_end), ShardFormat.RecordBytes - _end, throwOnEndOfStream: false, ct);
            _end += read;
            if (_end < ShardFormat.RecordBytes) throw new InvalidDataException("The shard ends before its end mark.");
            if ((_total += read) > MaxBytes) throw new InvalidDataException($"The shard is larger than {MaxBytes} bytes.");
        }
        var record = _buffer.AsMemory(_begin, ShardFormat.RecordBytes);
        _begin += ShardFormat.RecordBytes;
        return record;
    }

    private static uint UInt32(ReadOnlyMemory<byte> record, int at) => BinaryPrimitives.ReadUInt32LittleEndian(record.Span[at..]);
}
