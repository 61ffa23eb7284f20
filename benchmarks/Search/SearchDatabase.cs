using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Search;

/// <summary>Stands in for Artifact and Catalog: puts models where Search keeps what their feeds told, so that all of its own path is measured
/// (documents, settings, batches, names) and 100,000 repositories need not be pushed.</summary>
internal sealed class SearchDatabase(NpgsqlDataSource source, string meilisearch, string key) : IAsyncDisposable
{
    private const int RowsAtOnce = 5000;

    /// <summary>The address of the Meilisearch that this platform started.</summary>
    public Uri Meilisearch { get; } = new(meilisearch);

    public string Key { get; } = key;

    /// <summary>As the platform told its search service, by environment.</summary>
    public static SearchDatabase Of(Platform platform)
    {
        var told = File.ReadAllText($"/proc/{platform.Processes()["search"]}/environ").Split('\0').Select(line => line.Split('=', 2))
            .Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);
        var server = told["ConnectionStrings__meilisearch"].Split(';').Select(part => part.Split('=', 2)).ToDictionary(part => part[0], part => part[1]);
        return new SearchDatabase(NpgsqlDataSource.Create(told["ConnectionStrings__searchdb"]), server["Endpoint"], server["MasterKey"]);
    }

    /// <summary>Returns when all of them are in the index.</summary>
    public async Task PutAsync(IEnumerable<ModelState> models, CancellationToken ct)
    {
        foreach (var some in models.Chunk(RowsAtOnce)) await CopyAsync(some, ct);
        while (await ReadAsync<long>("select count(*) from entries where dirty", ct) > 0) await Task.Delay(200, ct);
    }

    /// <summary>The index that answers now.</summary>
    public Task<string> LiveAsync(CancellationToken ct) => ReadAsync<string>("select live from index_state", ct);

    public ValueTask DisposeAsync() => source.DisposeAsync();

    private async Task CopyAsync(ModelState[] models, CancellationToken ct)
    {
        await using var connection = await source.OpenConnectionAsync(ct);
        await using var copy = await connection.BeginBinaryImportAsync("copy entries (id, owner, name, visibility, readers, state) from stdin (format binary)", ct);
        foreach (var model in models)
        {
            await copy.StartRowAsync(ct);
            await copy.WriteAsync(model.Id, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(model.Owner, NpgsqlDbType.Text, ct);
            await copy.WriteAsync(model.Name, NpgsqlDbType.Text, ct);
            await copy.WriteAsync(model.Visibility.ToString(), NpgsqlDbType.Text, ct);
            await copy.WriteAsync(model.Readers.ToArray(), NpgsqlDbType.Array | NpgsqlDbType.Text, ct);
            await copy.WriteAsync(JsonSerializer.Serialize(model, ZooJson.Options), NpgsqlDbType.Json, ct);
        }
        await copy.CompleteAsync(ct);
    }

    private async Task<T> ReadAsync<T>(string sql, CancellationToken ct)
    {
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(ct))!;
    }
}
