using System.Buffers;
using System.Security.Cryptography;
using System.Threading.Channels;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Transfers;

/// <summary>What of a file is there, in whatever order it comes; hashed as far as it is whole. Safe to write to from any thread.</summary>
/// <remarks>
/// A file of <see cref="JournalFromBytes"/> and more has its full length from the beginning, and a journal: every 32 MiB what came is made durable,
/// and then noted. A kill costs what came since. Smaller ones come in order, so their length says it.
/// What is there before the first write:
/// 1. the ranges of the journal, when the file has its length; 2. a file of this length without a journal is whole, or rubbish: its hash tells;
/// 3. a shorter one is its beginning (a zoo of an earlier version left it).
/// </remarks>
internal sealed class ArrivingFile : IDisposable
{
    public const string JournalSuffix = ".ranges";

    public const long JournalFromBytes = 1024 * 1024;
    private const long NoteEveryBytes = 32 * 1024 * 1024;
    private const int HashBufferBytes = 1024 * 1024;

    private readonly PartialFile file;
    private readonly RangeJournal? journal;
    private readonly long sizeBytes;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim noting = new(1);
    private readonly Channel<bool> arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Ranges here = new();
    private Ranges notNoted = new();

    public ArrivingFile(PartialFile file, TreeEntryView entry)
    {
        (this.file, sizeBytes) = (file, entry.SizeBytes);
        var length = RandomAccess.GetLength(file.Handle);
        if (sizeBytes < JournalFromBytes)
        {
            if (length > sizeBytes)
            {
                RandomAccess.SetLength(file.Handle, length = 0);
            }
            here.Add(0, length);
            return;
        }
        journal = RangeJournal.Open(file.Path + JournalSuffix, entry.Sha256!, sizeBytes);
        if (length == sizeBytes)
        {
            foreach (var (begin, end) in journal.Noted?.Parts ?? [(0, sizeBytes)])
            {
                here.Add(begin, end);
            }
        }
        else
        {
            Begin(length);
        }
    }

    public long HereBytes
    {
        get
        {
            lock (gate)
            {
                return here.SizeBytes;
            }
        }
    }

    public IReadOnlyList<(long Begin, long End)> Gaps()
    {
        lock (gate)
        {
            return here.Gaps(sizeBytes);
        }
    }

    public bool Holds(long begin, long end)
    {
        lock (gate)
        {
            return here.Hold(begin, end);
        }
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, long offset, CancellationToken ct)
    {
        await RandomAccess.WriteAsync(file.Handle, bytes, offset, ct);
        bool isDue;
        lock (gate)
        {
            here.Add(offset, offset + bytes.Length);
            notNoted.Add(offset, offset + bytes.Length);
            isDue = notNoted.SizeBytes >= NoteEveryBytes;
        }
        arrived.Writer.TryWrite(true);
        if (isDue && journal is not null && await noting.WaitAsync(0, ct))
        {
            try
            {
                await Task.Run(Note, ct);
            }
            finally
            {
                noting.Release();
            }
        }
    }

    /// <summary>What was copied from a file of this machine: a kill costs copying it again, so it is not noted.</summary>
    public void WriteCopy(ReadOnlySpan<byte> bytes, long offset)
    {
        RandomAccess.Write(file.Handle, bytes, offset);
        lock (gate)
        {
            here.Add(offset, offset + bytes.Length);
        }
        arrived.Writer.TryWrite(true);
    }

    /// <summary>Lets the disk begin with these bytes, so that the last sync has less to wait for.</summary>
    public void BeginWriting(long begin, long end) => Durable.BeginWriting(file.Handle, begin, end - begin);

    /// <summary>SHA-256 of the whole file: follows what arrives, reading it back while it is in memory.</summary>
    public async Task<string> HashAsync(CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(HashBufferBytes);
        try
        {
            for (var at = 0L; at < sizeBytes;)
            {
                var end = EndFrom(at);
                while (end == at)
                {
                    await arrived.Reader.ReadAsync(ct);
                    end = EndFrom(at);
                }
                while (at < end)
                {
                    ct.ThrowIfCancellationRequested();
                    var read = RandomAccess.Read(file.Handle, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)), at);
                    at += read > 0 ? read : throw new IOException($"{file.Path} became shorter while it was written");
                    hash.AppendData(buffer, 0, read);
                }
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Forgets what is there: it will be written over.</summary>
    public void Restart()
    {
        lock (gate)
        {
            (here, notNoted) = (new Ranges(), new Ranges());
        }
        journal?.Begin();
    }

    /// <summary>What came stays for the next attempt, if the disk lets it.</summary>
    public void Keep()
    {
        try
        {
            if (journal is not null)
            {
                Note();
            }
        }
        catch (IOException)
        {
            // The next attempt fetches it again.
        }
    }

    /// <summary>Gives the file, whose hash was right, its name; on return it is durable.</summary>
    /// <remarks>The journal goes first: a whole file without one is known by its hash.</remarks>
    public void PutInPlace(bool executable)
    {
        journal?.Delete();
        file.PutInPlace(executable);
    }

    public void Delete()
    {
        journal?.Delete();
        file.Delete();
    }

    public void Dispose()
    {
        journal?.Dispose();
        noting.Dispose();
    }

    private long EndFrom(long position)
    {
        lock (gate)
        {
            return here.EndFrom(position);
        }
    }

    private void Begin(long length)
    {
        if (length > sizeBytes)
        {
            RandomAccess.SetLength(file.Handle, length = 0);
        }
        if (length > 0)
        {
            Durable.Sync(file.Handle, file.Path);
        }
        here.Add(0, length);
        journal!.Begin();
        if (length > 0)
        {
            journal.Note(here);
        }
        RandomAccess.SetLength(file.Handle, sizeBytes);
    }

    /// <summary>First the bytes, then the word that they are there.</summary>
    private void Note()
    {
        Ranges some;
        lock (gate)
        {
            (some, notNoted) = (notNoted, new Ranges());
        }
        if (some.SizeBytes > 0)
        {
            Durable.Sync(file.Handle, file.Path);
            journal!.Note(some);
        }
    }
}
