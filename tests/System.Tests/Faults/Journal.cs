using System.Collections.Concurrent;

namespace ZooPlatform.Tests.Whole.Faults;

/// <summary>Everything that was acknowledged to a client, and how to see that it is there; and every answer that was none.</summary>
internal sealed class Journal
{
    private readonly ConcurrentQueue<Entry> _entries = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();

    public int Count => _entries.Count;

    /// <summary>Answers of the HTTP API by how often they came, worst first: <c>503 urn:zoo:database.unreachable on PUT blobs: 4</c>.</summary>
    public IEnumerable<string> Answers => _answers.OrderByDescending(answer => answer.Key, StringComparer.Ordinal).Select(answer => $"{answer.Key}: {answer.Value}");

    /// <summary>Answers that are wrong whatever just died: a bug, a denial of what is there, or a caller taken for another.</summary>
    public IEnumerable<string> Lies => Answers.Where(answer => answer[..3] is "400" or "401" or "403" or "404" or "422" or "500" or "501");

    public void Answered(int status, string what) => _answers.AddOrUpdate($"{status} {what}", 1, (_, count) => count + 1);

    /// <param name="isThere">Throws when it is not.</param>
    public void Acknowledged(string what, Func<HttpClient, Task> isThere) => _entries.Enqueue(new Entry(what, isThere));

    /// <summary>Something that was acknowledged earlier; null while nothing was.</summary>
    public Entry? Any(Random random) => _entries.IsEmpty ? null : _entries.ElementAt(random.Next(_entries.Count));

    /// <summary>What of all that is not there, when everything runs again.</summary>
    public async Task<IReadOnlyList<string>> LostAsync(HttpClient http)
    {
        var lost = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(_entries, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (entry, _) =>
        {
            try
            {
                await entry.IsThere(http);
            }
            catch (Exception e)
            {
                lost.Add($"{entry.What}: {e.Message}");
            }
        });
        return [.. lost];
    }

    internal sealed record Entry(string What, Func<HttpClient, Task> IsThere);
}
