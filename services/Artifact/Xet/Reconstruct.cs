using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Capabilities;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Formats.Xet;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Xet;

/// <param name="End">Exclusive for chunks, inclusive for bytes.</param>
internal sealed record XetRange(long Start, long End);

internal sealed record XetTerm(string Hash, [property: JsonPropertyName("unpacked_length")] long UnpackedLength, XetRange Range);

/// <summary>Some chunks of a xorb, and where their bytes are to be had.</summary>
internal sealed record XetFetch(string Hash, XetRange Chunks, XetRange Bytes, string Url);

internal sealed record Reconstruction(long OffsetIntoFirstRange, IReadOnlyList<XetTerm> Terms, IReadOnlyList<XetFetch> Fetches);

internal abstract record ReconstructOutcome
{
    internal sealed record Found(Reconstruction Reconstruction) : ReconstructOutcome;

    internal sealed record Unknown : ReconstructOutcome;

    internal sealed record BeyondEnd : ReconstructOutcome;
}

/// <summary>Says of which chunks a file, or a range of it, is made: of its blob's runs, of the outer two as much as the range takes.</summary>
internal sealed class Reconstruct(ArtifactDb db, IssueCapability issue, PublicUrl url)
{
    private static readonly TimeSpan s_life = TimeSpan.FromHours(1);

    /// <param name="last">Inclusive; what is behind the end is not asked for.</param>
    public async Task<ReconstructOutcome> RunAsync(Guid repositoryId, Caller caller, XetHash file, long first, long last, CancellationToken ct)
    {
        var hash = file.ToBytes();
        var blob = await db.BlobsOf(repositoryId, caller).AsNoTracking().Where(blob => blob.XetHash == hash).OrderBy(blob => blob.Sha256).FirstOrDefaultAsync(ct);
        if (blob is null) return new ReconstructOutcome.Unknown();
        if (first >= blob.SizeBytes || last < first) return new ReconstructOutcome.BeyondEnd();
        last = Math.Min(last, blob.SizeBytes - 1);
        var sha256 = blob.Sha256;
        var from = await db.ChunkRuns.Where(run => run.Sha256 == sha256 && run.OffsetBytes <= first).MaxAsync(run => run.Run, ct);
        var (terms, fetches, skipped) = (new List<XetTerm>(), new List<XetFetch>(), 0L);
        await foreach (var run in db.ChunkRuns.AsNoTracking().Where(run => run.Sha256 == sha256 && run.Run >= from && run.OffsetBytes <= last)
            .OrderBy(run => run.Run).AsAsyncEnumerable().WithCancellation(ct))
        {
            var part = PartOf(new PackedChunks(run.Chunks), first - run.OffsetBytes, last - run.OffsetBytes);
            if (terms.Count == 0) skipped = part.SkippedBytes;
            var name = XetHash.Read(run.Xorb).ToString();
            terms.Add(new XetTerm(name, part.RawBytes, part.Chunks));
            fetches.Add(new XetFetch(name, part.Chunks, part.Bytes, await AddressAsync(repositoryId, caller, name, run, ct)));
        }
        return new ReconstructOutcome.Found(new Reconstruction(skipped, terms, fetches));
    }

    /// <param name="first">Of the wanted bytes, counted from the run's first; negative: the run begins within them.</param>
    private static (XetRange Chunks, XetRange Bytes, long RawBytes, long SkippedBytes) PartOf(PackedChunks chunks, long first, long last)
    {
        var (begin, end, at, beginAt, endAt) = (-1, 0, 0L, 0L, 0L);
        for (var i = 0; i < chunks.Count && at <= last; i++)
        {
            var next = at + chunks.LengthOf(i);
            if (next > first)
            {
                if (begin < 0) (begin, beginAt) = (i, at);
                (end, endAt) = (i + 1, next);
            }
            at = next;
        }
        const int head = XorbChunkHead.Bytes;
        return (new XetRange(begin, end), new XetRange(beginAt + (long)head * begin, endAt + (long)head * end - 1), endAt - beginAt, Math.Max(0, first - beginAt));
    }

    // Clients send no credential there, so the address says what it is good for.
    private async Task<string> AddressAsync(Guid repositoryId, Caller caller, string xorb, ChunkRun run, CancellationToken ct)
    {
        var capability = await issue.RunAsync(caller, repositoryId, Verbs.XetBytes, s_life, ct, run.Sha256, part: run.Run);
        return url.Of(string.Create(CultureInfo.InvariantCulture, $"/xet/v1/xorbs/default/{xorb}?blob={run.Sha256}&run={run.Run}&capability={capability}"));
    }
}
