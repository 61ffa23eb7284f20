using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Which ranges of a partial file are on the disk, in a file beside it. Whoever notes a range has made it durable before.</summary>
/// <remarks>
/// <code>
/// "zoopull1" | SHA-256 of the whole file (32) | its size (8)       the head
/// begin (8) | end (8) | check (8)                                  a range; as many as were noted
/// </code>
/// Numbers are little-endian. The check is the beginning of the SHA-256 of head, begin and end: reading stops at the first record that is torn or
/// foreign, and a head that is not this file's counts as no journal.
/// </remarks>
internal sealed class RangeJournal : IDisposable
{
    private const int RecordBytes = 24;
    private const int HeadBytes = 48;
    private const long MaxBytes = 16 * 1024 * 1024;

    private readonly SafeFileHandle handle;
    private readonly string path;
    private readonly byte[] head = new byte[HeadBytes];
    private readonly long sizeBytes;
    private long end;

    private RangeJournal(SafeFileHandle handle, string path, string sha256, long sizeBytes)
    {
        (this.handle, this.path, this.sizeBytes) = (handle, path, sizeBytes);
        Encoding.ASCII.GetBytes("zoopull1", head);
        Convert.FromHexString(sha256).CopyTo(head, 8);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(40), sizeBytes);
    }

    /// <summary>What it says; null: it is new, or of no use.</summary>
    public Ranges? Noted { get; private set; }

    /// <param name="path">Of the journal; whoever opens it holds the partial file.</param>
    public static RangeJournal Open(string path, string sha256, long sizeBytes)
    {
        var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        var journal = new RangeJournal(handle, path, sha256, sizeBytes);
        journal.Read();
        return journal;
    }

    /// <summary>Says that nothing is there, durably: before the partial file is begun.</summary>
    public void Begin()
    {
        var isNew = RandomAccess.GetLength(handle) == 0;
        RandomAccess.SetLength(handle, 0);
        RandomAccess.Write(handle, head, 0);
        end = HeadBytes;
        Noted = new Ranges();
        if (!isNew)
        {
            Durable.Sync(handle, path);   // what it said before must not come back
        }
    }

    /// <summary>Notes ranges that are durable.</summary>
    public void Note(Ranges ranges)
    {
        var records = new byte[ranges.Parts.Count * RecordBytes];
        for (var i = 0; i < ranges.Parts.Count; i++)
        {
            Write(records.AsSpan(i * RecordBytes, RecordBytes), ranges.Parts[i].Begin, ranges.Parts[i].End);
        }
        RandomAccess.Write(handle, records, end);
        end += records.Length;
        Durable.Sync(handle, path);
    }

    public void Delete() => File.Delete(path);

    public void Dispose() => handle.Dispose();

    private void Read()
    {
        var length = RandomAccess.GetLength(handle);
        if (length is < HeadBytes or > MaxBytes)
        {
            return;
        }
        var content = new byte[length];
        var read = 0;
        for (int some; read < content.Length && (some = RandomAccess.Read(handle, content.AsSpan(read), read)) > 0;)
        {
            read += some;
        }
        if (!content.AsSpan(0, HeadBytes).SequenceEqual(head))
        {
            return;
        }
        var noted = new Ranges();
        var own = new byte[RecordBytes];
        for (end = HeadBytes; end + RecordBytes <= read; end += RecordBytes)
        {
            var record = content.AsSpan((int)end, RecordBytes);
            var (begin, behind) = (BinaryPrimitives.ReadInt64LittleEndian(record), BinaryPrimitives.ReadInt64LittleEndian(record[8..]));
            Write(own, begin, behind);
            if (begin < 0 || behind <= begin || behind > sizeBytes || !record.SequenceEqual(own))
            {
                break;
            }
            noted.Add(begin, behind);
        }
        RandomAccess.SetLength(handle, end);
        Noted = noted;
    }

    private void Write(Span<byte> record, long begin, long behind)
    {
        BinaryPrimitives.WriteInt64LittleEndian(record, begin);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], behind);
        Span<byte> said = stackalloc byte[HeadBytes + 16];
        head.CopyTo(said);
        record[..16].CopyTo(said[HeadBytes..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(said, hash);
        hash[..8].CopyTo(record[16..]);
    }
}
