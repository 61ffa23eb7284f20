using Microsoft.EntityFrameworkCore;

namespace ZooPlatform.Search.Indexing;

/// <summary>The one row of <c>index_state</c>: which index answers, and which one is being built to take its place.</summary>
/// <param name="Live">Null while none is whole: a search is refused.</param>
/// <param name="NextAfter">Entries up to this id are in the next index; what changes later is written to both.</param>
/// <param name="FeedsRead">Both owners' feeds were read to their end: the entries are complete.</param>
internal sealed record IndexState(
    string? Live, DateTime? LiveCreatedAt, string? LiveSettings, DateTime? LiveBuiltAt, string? Next, string? NextSettings, Guid? NextAfter,
    long NextWritten, long NextTotal, string? NextReason, DateTime? NextStartedAt, DateTime? AskedAt, bool FeedsRead)
{
    /// <summary>Why another index must be built; null when the live one is good.</summary>
    public string? WhyBuild =>
        Live is null ? FeedsRead ? "missing" : null
        : LiveSettings != IndexSettings.Sha256 ? "settings"
        : AskedAt is not null ? "asked"
        : null;

    public static Task<IndexState> ReadAsync(SearchDb db, CancellationToken ct) => db.Database.SqlQuery<IndexState>($"""
        select live as "Live", live_created_at as "LiveCreatedAt", live_settings_sha256 as "LiveSettings", live_built_at as "LiveBuiltAt",
               next as "Next", next_settings_sha256 as "NextSettings", next_after as "NextAfter", next_written as "NextWritten",
               next_total as "NextTotal", next_reason as "NextReason", next_started_at as "NextStartedAt", asked_at as "AskedAt",
               (select count(*) = 2 from read_feeds) as "FeedsRead"
        from index_state
        """).SingleAsync(ct);

    /// <summary>An administrator wants the index built again. One that is being built will do.</summary>
    public static Task AskAsync(SearchDb db, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"update index_state set asked_at = now() where asked_at is null and next is null", ct);

    /// <summary>The live index is gone or holds something else: it answers no more.</summary>
    public static Task DropLiveAsync(SearchDb db, CancellationToken ct) => db.Database.ExecuteSqlAsync($"update index_state set live = null", ct);

    public static Task BeginAsync(SearchDb db, string next, string reason, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        update index_state set next = {next}, next_settings_sha256 = {IndexSettings.Sha256}, next_after = null, next_written = 0,
            next_total = (select count(*) from entries), next_reason = {reason}, next_started_at = now(), asked_at = null
        """, ct);

    /// <summary>The next index now holds the entries up to this id.</summary>
    public static Task AdvanceAsync(SearchDb db, string next, Guid after, int written, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        update index_state set next_after = {after}, next_written = next_written + {written},
            next_total = greatest(next_total, next_written + {written})
        where next = {next}
        """, ct);

    /// <summary>The swap: from here on queries are asked of the index that was the next one; unless a feed began anew just now.</summary>
    public static Task SwapAsync(SearchDb db, string next, DateTime createdAt, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        update index_state set live = next, live_created_at = {createdAt}, live_settings_sha256 = next_settings_sha256, live_built_at = now(),
            next = null, next_after = null
        where next = {next}
        """, ct);

    /// <summary>A feed was read to its end.</summary>
    public static Task FeedReadAsync(SearchDb db, string source, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"insert into read_feeds values ({source}) on conflict do nothing", ct);

    /// <summary>A feed begins anew: until it was read to its end nobody knows what is missing, and no index is whole.</summary>
    public static async Task FeedResetAsync(SearchDb db, string source, CancellationToken ct)
    {
        await db.Database.ExecuteSqlAsync($"delete from read_feeds where source = {source}", ct);
        await db.Database.ExecuteSqlAsync($"update index_state set live = null, next = null, next_after = null", ct);
    }
}
