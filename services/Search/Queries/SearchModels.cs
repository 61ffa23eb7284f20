using Meilisearch;
using ZooPlatform.Contracts.Search;
using ZooPlatform.Search.Indexing;
using ZooPlatform.Search.Names;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Search.Queries;

/// <summary>Answers a search for one caller: the index first, then a second look at names.</summary>
/// <remarks>
/// 1. Read which index answers and what it may not show. At the same time ask already, by what held for the last query: nearly always that holds
///    still, and the answer counts only then.
/// 2. While the index is asked, find the names most like the words.
/// 3. Only when one of those is more like the words than the first hit's: they come first, then all other hits. Totals and facets count
///    them once. What is more like is shown by the index too, under the same filter: no name shows by itself.
/// </remarks>
internal sealed class SearchModels(MeilisearchClient meilisearch, NearNames names, Standings standings, TimeProvider time)
{
    private const int MostNames = 10;

    /// <summary>With filters, so many: most of them may be filtered away.</summary>
    private const int MostNamesFiltered = 50;

    /// <returns>Null while there is no whole index.</returns>
    /// <exception cref="MeilisearchApiError">The index is not there, or the server refuses our key.</exception>
    /// <exception cref="MeilisearchCommunicationError">The server cannot be reached.</exception>
    public async Task<SearchAnswer?> RunAsync(SearchParameters parameters, Caller caller, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var assumed = standings.Last;
        var early = assumed is { Index: not null } ? AskAsync(assumed, parameters, caller, ct) : null;
        var standing = await standings.ReadAsync(ct);
        if (standing.Index is null) return null;
        IndexAnswer answer;
        try
        {
            answer = await (early is not null && standing.IsSameAs(assumed) ? early : AskAsync(standing, parameters, caller, ct));
        }
        catch (MeilisearchApiError e) when (e.Code == "index_not_found")
        {
            // Swapped between the two questions: the other one answers now.
            var now = await standings.ReadAsync(ct);
            if (now.Index is null) return null;
            if (now.Index == standing.Index) throw;
            answer = await AskAsync(now, parameters, caller, ct);
        }
        return new SearchAnswer(
            parameters.Text, parameters.PageNumber, parameters.Size, answer.Total, [.. answer.Hits.Select(hit => hit.View())], answer.Facets,
            time.GetElapsedTime(start).TotalMilliseconds);
    }

    private async Task<IndexAnswer> AskAsync(Standing standing, SearchParameters parameters, Caller caller, CancellationToken ct)
    {
        var visible = Filter.VisibleTo(caller, standing.Hidden);
        var index = new IndexQuery(meilisearch.Index(standing.Index!), parameters, [visible, .. parameters.Conditions]);
        var asked = index.PageAsync(parameters.PageNumber, parameters.Size, ct);
        if (!parameters.IsByNames) return await asked;

        var first = parameters.PageNumber == 1 ? asked : index.PageAsync(1, 1, ct);
        var query = new NameForm(parameters.Text);
        var near = names.To(query, caller, standing.Hidden, parameters.Conditions.Any() ? MostNamesFiltered : MostNames);
        var firstHit = (await first).Hits.FirstOrDefault();
        var likeness = firstHit is null ? 0 : NearNames.Likeness(query, firstHit.Title, firstHit.Name);
        var nearer = near.Where(name => name.Likeness > likeness + 1e-9).Select(name => name.Id).ToList();
        return nearer.Count == 0 ? await asked : await InFrontAsync(index, nearer, parameters, await asked, ct);
    }

    /// <summary>The page of the list that begins with these and goes on with all other hits.</summary>
    private static async Task<IndexAnswer> InFrontAsync(
        IndexQuery index, List<Guid> nearer, SearchParameters parameters, IndexAnswer plain, CancellationToken ct)
    {
        var front = await index.TheseAsync(nearer, ct);
        if (front.Hits.Count == 0) return plain;
        var first = front.Hits.OrderBy(hit => nearer.IndexOf(hit.Id)).ToList();

        // The others are paged by themselves: a page of the whole list is a piece of one or two of theirs.
        var size = parameters.Size;
        var begin = ((parameters.PageNumber - 1) * size) - first.Count;
        var others = index.But(first.Select(hit => hit.Id));
        var page = Math.Max(0, begin) / size;
        var answer = await others.PageAsync(page + 1, size, ct);
        var hits = first.Skip(Math.Max(0, begin + first.Count)).Concat(answer.Hits.Skip(Math.Max(0, begin) - (page * size)));
        if (begin > page * size && answer.Hits.Count == size) hits = hits.Concat((await others.PageAsync(page + 2, size, ct)).Hits);
        return answer.With(front) with { Hits = [.. hits.Take(size)] };
    }
}
