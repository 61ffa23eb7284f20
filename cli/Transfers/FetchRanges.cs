using System.Net;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Fetches what a file lacks, several ranges at once. A lost connection goes on where it broke off.</summary>
internal sealed class FetchRanges(
    RevisionsClient revisions, RepositoryName repository, string revision, TransferProgress progress, TimeProvider time) : IDisposable
{
    /// <summary>Bytes of one request, and how many go at once: of one file, of all.</summary>
    private const long PieceBytes = 16L * 1024 * 1024;
    private const int PiecesAtOnce = 4;
    private const int ConnectionsAtOnce = 8;

    private const int BufferBytes = 256 * 1024;
    private const int AttemptsWithoutProgress = 5;

    /// <summary>A connection that brings nothing for so long is lost.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim connections = new(ConnectionsAtOnce);

    public async Task RunAsync(TreeEntryView entry, ArrivingFile file, CancellationToken ct)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = PiecesAtOnce, CancellationToken = ct };
        try
        {
            await Parallel.ForEachAsync(file.Gaps().SelectMany(Pieces), parallel, async (piece, ct) => await FetchAsync(entry, file, piece, ct));
        }
        catch (NoRanges)
        {
            progress.Lost(file.HereBytes);
            await FetchAsync(entry, file, new Piece(0, entry.SizeBytes, Ranged: false), ct);
        }
    }

    /// <summary>Lets the zoo read its copy of a file. By this way it compares what it reads with its hash, and takes away what is wrong.</summary>
    public async Task<bool> IsSoundThereAsync(TreeEntryView entry, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var answer = await revisions.OpenManyAsync(repository, revision, [entry.Path], ct);
                await answer.Content.CopyToAsync(Stream.Null, ct);
                return true;
            }
            catch (Exception e) when (e is ApiRefusal { Type: "urn:zoo:blob.damaged" } || attempt == 2 && e is IOException or HttpRequestException)
            {
                return false;
            }
            catch (Exception e) when (e is IOException or HttpRequestException)
            {
                // It breaks off where the wrong bytes would end, and so does a bad line: the second time tells.
            }
        }
    }

    public void Dispose() => connections.Dispose();

    private static IEnumerable<Piece> Pieces((long Begin, long End) gap)
    {
        for (var at = gap.Begin; at < gap.End; at += PieceBytes)
        {
            yield return new Piece(at, Math.Min(at + PieceBytes, gap.End), Ranged: true);
        }
    }

    private async Task FetchAsync(TreeEntryView entry, ArrivingFile file, Piece piece, CancellationToken ct)
    {
        var at = piece.Begin;
        for (var fruitless = 0; at < piece.End;)
        {
            var before = at;
            Exception? trouble = null;
            await connections.WaitAsync(ct);
            try
            {
                using var answer = await revisions.OpenAsync(
                    repository, revision, entry.Path, at, piece.Ranged && piece.End < entry.SizeBytes ? piece.End : null, ct);
                Check(answer, entry, at);
                at = await CopyAsync(answer, file, at, piece.End, ct);
            }
            catch (Exception e) when (e is ZooUnreachable or ApiRefusal { Status: 502 or 503 or 504 })
            {
                trouble = e;
            }
            finally
            {
                connections.Release();
            }
            if (at > before)
            {
                fruitless = 0;
                if (at < piece.End && !piece.Ranged)
                {
                    progress.Lost(at);   // without ranges it begins again
                    at = 0;
                    fruitless++;
                }
            }
            else if (++fruitless >= AttemptsWithoutProgress)
            {
                throw new Refusal($"{entry.Path} does not get further than {Amounts.Bytes(before)}{(trouble is null ? "" : ": " + trouble.Message)}", "pull again: it goes on from there", trouble);
            }
            else
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300 * (1 << fruitless)), time, ct);
            }
        }
    }

    /// <summary>Is it what was asked for?</summary>
    private static void Check(HttpResponseMessage answer, TreeEntryView entry, long at)
    {
        if (answer.StatusCode != HttpStatusCode.PartialContent)
        {
            if (at > 0)
            {
                throw new NoRanges();
            }
            return;   // all of it, of which as much is taken as was asked for
        }
        var range = answer.Content.Headers.ContentRange;
        if (range?.From != at || range.Length is { } length && length != entry.SizeBytes)
        {
            throw new Refusal($"the zoo answers another range of {entry.Path} than was asked for: {range}", "pull again; if it happens again tell the zoo's operator");
        }
    }

    /// <returns>How far it came; less than the end when the connection was lost.</returns>
    private async Task<long> CopyAsync(HttpResponseMessage answer, ArrivingFile file, long at, long end, CancellationToken ct)
    {
        await using var content = await answer.Content.ReadAsStreamAsync(ct);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (at < end)
            {
                patience.CancelAfter(Patience);
                var read = await ReadAsync(content, buffer.AsMemory(0, (int)Math.Min(BufferBytes, end - at)), patience.Token, ct);
                if (read == 0)
                {
                    break;
                }
                await file.WriteAsync(buffer.AsMemory(0, read), at, ct);
                at += read;
                progress.Moved(read);
            }
            return at;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>0 when the content ends or the connection is lost: what came so far is good, the rest is asked for again.</summary>
    private static async Task<int> ReadAsync(Stream content, Memory<byte> buffer, CancellationToken patience, CancellationToken ct)
    {
        try
        {
            return await content.ReadAsync(buffer, patience);
        }
        catch (Exception e) when (e is IOException or HttpRequestException || e is OperationCanceledException && !ct.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <param name="End">Exclusive.</param>
    /// <param name="Ranged">Asked for by a range; else the whole file is, and what lies before is not skipped.</param>
    private readonly record struct Piece(long Begin, long End, bool Ranged);

    /// <summary>The zoo, or something before it, answered all of a file where a range was asked for.</summary>
    private sealed class NoRanges : Exception;
}
