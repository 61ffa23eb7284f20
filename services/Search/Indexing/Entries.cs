using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Catalog;

namespace ZooPlatform.Search.Indexing;

/// <summary>A row of <c>entries</c>.</summary>
/// <param name="Owner">Null, as all of Artifact's facts, when the repository is unknown or deleted.</param>
/// <param name="State">Catalog's model as JSON; null when it is unknown or deleted.</param>
internal sealed record Entry(Guid Id, string? Owner, string? Name, string? Visibility, string[]? Readers, string? State, long Version)
{
    /// <summary>The document that should stand in the index; null: none should.</summary>
    public ModelDocument? Document =>
        Readers is not null && State is not null
            ? ModelDocument.Of(JsonSerializer.Deserialize<ModelState>(State, ZooJson.Options)!, Owner!, Name!, Visibility!, Readers)
            : null;
}

/// <summary>The table <c>entries</c>: what should stand in the index.</summary>
internal static class Entries
{
    private const int BatchSize = 1000;

    /// <summary>Takes over who may see a repository. Whoever loses sight of it loses it with this commit.</summary>
    public static Task PutAccessAsync(SearchDb db, RepositoryState repository, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            insert into entries as e (id, owner, name, visibility, readers)
            values ({repository.Id}, {repository.Owner}, {repository.Name}, {repository.Visibility.ToString()}, {repository.Readers.ToArray()})
            on conflict (id) do update set
                owner = excluded.owner, name = excluded.name, visibility = excluded.visibility, readers = excluded.readers,
                dirty = true, version = e.version + 1,
                hidden = e.hidden or not coalesce(e.readers <@ excluded.readers, true)
            where (e.owner, e.name, e.visibility, e.readers) is distinct from (excluded.owner, excluded.name, excluded.visibility, excluded.readers)
            """, ct);

    public static Task DropAccessAsync(SearchDb db, Guid id, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            update entries set owner = null, name = null, visibility = null, readers = null, hidden = true, dirty = true, version = version + 1
            where id = {id}
            """, ct);

    public static Task PutStateAsync(SearchDb db, ModelState model, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"""
            insert into entries as e (id, state) values ({model.Id}, {JsonSerializer.Serialize(model, ZooJson.Options)}::json)
            on conflict (id) do update set state = excluded.state, dirty = true, version = e.version + 1
            """, ct);

    public static Task DropStateAsync(SearchDb db, Guid id, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"update entries set state = null, hidden = true, dirty = true, version = version + 1 where id = {id}", ct);

    /// <summary>Forgets all of one feed's facts: everything comes again. Nothing shows until it came.</summary>
    public static Task DropAllAccessAsync(SearchDb db, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"update entries set owner = null, name = null, visibility = null, readers = null, hidden = true, dirty = true, version = version + 1", ct);

    public static Task DropAllStatesAsync(SearchDb db, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"update entries set state = null, hidden = true, dirty = true, version = version + 1", ct);

    /// <summary>Rows that the live index does not hold as they are; those that are to be hidden first.</summary>
    public static Task<List<Entry>> TakeDirtyAsync(SearchDb db, CancellationToken ct) => db.Database.SqlQuery<Entry>($"""
        select id as "Id", owner as "Owner", name as "Name", visibility as "Visibility", readers as "Readers",
               state::text as "State", version as "Version"
        from entries where dirty order by hidden desc, id limit {BatchSize}
        """).ToListAsync(ct);

    /// <summary>The next rows in order of id.</summary>
    public static Task<List<Entry>> TakeAfterAsync(SearchDb db, Guid after, CancellationToken ct) => db.Database.SqlQuery<Entry>($"""
        select id as "Id", owner as "Owner", name as "Name", visibility as "Visibility", readers as "Readers",
               state::text as "State", version as "Version"
        from entries where id > {after} order by id limit {BatchSize}
        """).ToListAsync(ct);

    /// <summary>How many documents an index must hold, and how many more it may: those written once and not changed since, and the dirty rows.</summary>
    public static Task<Documents> CountAsync(SearchDb db, CancellationToken ct) => db.Database.SqlQuery<Documents>($"""
        select (select count(*) from entries where readers is not null and state is not null and not dirty) as "Clean",
               (select count(*) from entries where dirty) as "Dirty"
        """).SingleAsync(ct);

    /// <summary>The index now holds what these rows said; rows that changed since stay dirty (and hidden). Rows of what is gone everywhere go.</summary>
    public static async Task WrittenAsync(SearchDb db, IReadOnlyList<Entry> entries, CancellationToken ct)
    {
        var ids = entries.Select(entry => entry.Id).ToArray();
        var versions = entries.Select(entry => entry.Version).ToArray();
        await db.Database.ExecuteSqlAsync($"""
            with written as (select * from unnest({ids}, {versions}) as w (id, version)),
                 gone as (delete from entries e using written w
                          where e.id = w.id and e.version = w.version and e.readers is null and e.state is null),
                 noted as (update index_state set batches = batches + 1)
            update entries e set dirty = false, hidden = false from written w
            where e.id = w.id and e.version = w.version and not (e.readers is null and e.state is null)
            """, ct);
    }

    internal sealed record Documents(long Clean, long Dirty);
}
