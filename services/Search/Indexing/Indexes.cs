using Meilisearch;
using Microsoft.Extensions.Options;

namespace ZooPlatform.Search.Indexing;

/// <summary>The indexes in Meilisearch, as they are made, written and deleted. Each call returns when the server has done it.</summary>
internal sealed class Indexes(MeilisearchClient meilisearch, IOptions<SearchOptions> options)
{
    /// <summary>A name that no index ever had.</summary>
    public string NewName() => $"{options.Value.Index}-{Guid.CreateVersion7():N}";

    /// <summary>Makes an empty index with this version's settings.</summary>
    public async Task MakeAsync(string name, CancellationToken ct) =>
        await SucceedAsync(await meilisearch.Index(name).UpdateSettingsAsync(IndexSettings.Value, ct), ct);

    /// <summary>When the index was made, which tells it from another one of the same name, and when it was last written;
    /// null when there is none.</summary>
    public async Task<(DateTime CreatedAt, DateTimeOffset UpdatedAt)?> FindAsync(string name, CancellationToken ct)
    {
        try
        {
            var index = await meilisearch.GetIndexAsync(name, ct);
            // PostgreSQL keeps microseconds, Meilisearch tells nanoseconds.
            return (new DateTime(index.CreatedAt!.Value.UtcTicks / 10 * 10, DateTimeKind.Utc), index.UpdatedAt!.Value);
        }
        catch (MeilisearchApiError e) when (e.Code == "index_not_found")
        {
            return null;
        }
    }

    public async Task<long> CountAsync(string name, CancellationToken ct) => (await meilisearch.Index(name).GetStatsAsync(ct)).NumberOfDocuments;

    /// <summary>Brings each of the indexes to what the entries say.</summary>
    /// <returns>How many documents were written, and how many deleted.</returns>
    public async Task<(int Written, int Deleted)> WriteAsync(IEnumerable<string> names, IReadOnlyList<Entry> entries, CancellationToken ct)
    {
        var documents = entries.Select(entry => entry.Document).OfType<ModelDocument>().ToList();
        var gone = entries.Where(entry => entry.Document is null).Select(entry => entry.Id.ToString()).ToList();
        var tasks = new List<TaskInfo>();
        foreach (var index in names.Select(meilisearch.Index))
        {
            if (documents.Count > 0) tasks.Add(await index.AddDocumentsAsync(documents, "id", ct));
            if (gone.Count > 0) tasks.Add(await index.DeleteDocumentsAsync(gone, ct));
        }
        foreach (var task in tasks) await SucceedAsync(task, ct);
        return (documents.Count, gone.Count);
    }

    /// <summary>Deletes what earlier builds left: every index of ours but these.</summary>
    public async Task DeleteOthersAsync(string? live, string? next, CancellationToken ct)
    {
        var all = await meilisearch.GetAllIndexesAsync(new IndexesQuery { Limit = 1000 }, ct);
        foreach (var name in all.Results.Select(index => index.Uid).Where(name => name != live && name != next && IsOurs(name)))
            await SucceedAsync(await meilisearch.DeleteIndexAsync(name, ct), ct);
    }

    // The bare name was the index's before there were second ones.
    private bool IsOurs(string name) => name == options.Value.Index
        || (name.StartsWith($"{options.Value.Index}-", StringComparison.Ordinal) && Guid.TryParseExact(name[(options.Value.Index.Length + 1)..], "N", out _));

    private async Task SucceedAsync(TaskInfo task, CancellationToken ct)
    {
        var done = await meilisearch.WaitForTaskAsync(task.TaskUid, options.Value.TaskTimeout.TotalMilliseconds, intervalMs: 10, ct);
        if (done.Status != TaskInfoStatus.Succeeded)
            throw new InvalidOperationException($"Meilisearch's task {task.TaskUid} ended as {done.Status}: {done.Error?.GetValueOrDefault("message")}");
    }
}
