using Microsoft.EntityFrameworkCore;

namespace ZooPlatform.Search.Queries;

/// <summary>What holds for every query now.</summary>
/// <param name="Index">The index that answers; null while none is whole.</param>
/// <param name="Hidden">Repositories that no query may return, whatever the index says: somebody may just have lost sight of them.</param>
internal sealed record Standing(string? Index, IReadOnlySet<Guid> Hidden)
{
    public static async Task<Standing> ReadAsync(SearchDb db, CancellationToken ct)
    {
        var row = await db.Database.SqlQuery<Row>(
            $"select live as \"Index\", (select array_agg(id) from entries where hidden) as \"Hidden\" from index_state").SingleAsync(ct);
        return new Standing(row.Index, (row.Hidden ?? []).ToHashSet());
    }

    private sealed record Row(string? Index, Guid[]? Hidden);
}
