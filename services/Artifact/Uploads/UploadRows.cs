using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Uploads;

internal static class UploadRows
{
    private const int MaxGaps = 10_000;

    /// <summary>Notes that these bytes of an upload are durable. Not cancelled with the request: a client that went away continues here.</summary>
    public static Task ReceivedAsync(this ArtifactDb db, Guid id, long from, long to, DateTimeOffset now) => db.ReceivedAsync(id, [from], [to], now);

    /// <param name="froms">Where each range begins; <paramref name="tos"/>: where it ends, exclusive.</param>
    public static Task ReceivedAsync(this ArtifactDb db, Guid id, long[] froms, long[] tos, DateTimeOffset now) =>
        db.Database.ExecuteSqlAsync($"""
            update uploads set touched_at = {now}, received = received + came.ranges,
                offset_bytes = coalesce((select upper(part) from unnest(received + came.ranges) part where lower(part) = 0), 0)
            from (select range_agg(int8range(f, t)) as ranges from unnest({froms}, {tos}) as range(f, t)) came
            where id = {id}
            """, CancellationToken.None);

    /// <summary>The file is lost: everything must come again.</summary>
    public static Task ForgetReceivedAsync(this ArtifactDb db, Guid id, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"update uploads set state = 'receiving', offset_bytes = 0, received = default where id = {id}", ct);

    /// <summary>What is still to come, from the front; at most 10,000 gaps.</summary>
    public static async Task<IReadOnlyList<ByteRange>> GapsAsync(this ArtifactDb db, Guid id, CancellationToken ct) =>
        await db.Database.SqlQuery<ByteRange>($"""
            select lower(gap) as "OffsetBytes", upper(gap) - lower(gap) as "SizeBytes"
            from uploads, unnest(int8multirange(int8range(0, size_bytes)) - received) gap where id = {id} and state = 'receiving' order by 1 limit {MaxGaps}
            """).ToListAsync(ct);
}
