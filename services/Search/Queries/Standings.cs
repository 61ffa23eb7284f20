using Npgsql;

namespace ZooPlatform.Search.Queries;

/// <summary>What holds for every query now.</summary>
/// <param name="Index">The index that answers; null while none is whole.</param>
/// <param name="Hidden">Repositories that no query may return, whatever the index says: somebody may just have lost sight of them.</param>
/// <param name="Batches">How many batches were written to indexes: between two equal ones nothing stopped being hidden.</param>
internal sealed record Standing(string? Index, IReadOnlySet<Guid> Hidden, long Batches)
{
    public bool IsSameAs(Standing? other) => other is not null && Index == other.Index && Batches == other.Batches && Hidden.SetEquals(other.Hidden);
}

/// <summary>Reads what holds. Every query does: what was hidden a moment ago is not shown.</summary>
internal sealed class Standings(NpgsqlDataSource database)
{
    private volatile Standing? _last;

    /// <summary>What held for the last query of this process; null before the first.</summary>
    public Standing? Last => _last;

    public async Task<Standing> ReadAsync(CancellationToken ct)
    {
        await using var command = database.CreateCommand("select live, (select array_agg(id) from entries where hidden), batches from index_state");
        await using var row = await command.ExecuteReaderAsync(ct);
        await row.ReadAsync(ct);
        return _last = new Standing(
            row.IsDBNull(0) ? null : row.GetString(0), row.IsDBNull(1) ? new HashSet<Guid>() : row.GetFieldValue<Guid[]>(1).ToHashSet(), row.GetInt64(2));
    }
}
