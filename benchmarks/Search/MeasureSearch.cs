using System.Diagnostics;
using System.Text.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Search;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Search;

/// <summary>Whether search finds what was meant, and how long it takes, through the gateway of a running platform.</summary>
/// <remarks>
/// 1. The 1,740 recorded documents go into Search's own replica, and by its own path into the index; without them 2,000 made ones.
/// 2. Recorded queries and queries of our own: mean reciprocal rank by kind over 20 hits.
/// 3. Ordinary queries: how much of what the index alone has among the first ten is still there. The index is asked directly, with the same
///    question the service asks: that is the service without its second look.
/// 4. Made models up to 100,000. The same queries go to the gateway and to Meilisearch in turn.
/// 5. What Search costs when nobody asks, and what a rebuild costs.
/// </remarks>
internal static class MeasureSearch
{
    private const int Many = 100_000;
    private static readonly string[] s_ordinary = ["words", "several", "chinese"];

    public static async Task RunAsync(Report report, CancellationToken ct)
    {
        await using var platform = await Platform.StartAsync();
        await using var database = SearchDatabase.Of(platform);
        using var gateway = platform.Http(null);
        using var peer = new Peer(database);
        // 1
        var lines = SharedFolder.Path is null ? null : Lines("search/documents.jsonl").ToList();
        var models = lines?.Select(Models.Real).ToList() ?? [.. Models.Made(2000, seed: 1)];
        var recorded = lines is null ? [] : Queries.Recorded(Lines("search/rankings.jsonl"));
        if (lines is null) report.Note("the recorded documents and queries are not there: 2,000 made models and own queries alone");
        report.Note($"{models.Count} models, put into Search's database as its feeds would have, indexed and asked by its own path");
        await database.PutAsync(models, ct);
        await Task.Delay(TimeSpan.FromSeconds(2), ct);   // names follow
        // 2
        if (lines is not null) await ReportRanksAsync(report, gateway, "recorded", recorded, ct);
        await ReportRanksAsync(report, gateway, "own", Queries.Made(models.Select(model => model.Title), 400, seed: 2), ct);
        // 3
        await peer.PrepareAsync(ct);
        foreach (var kind in recorded.GroupBy(query => query.Kind).Where(group => s_ordinary.Contains(group.Key)))
        {
            var kept = new List<double>();
            foreach (var query in kind) kept.Add(await KeptAsync(gateway, peer, query.Text, ct));
            report.Figure($"first ten kept: {kind.Key}, {kept.Count} queries", 100 * kept.Average(), "%", "90 %");
        }
        // 4
        var clock = Stopwatch.StartNew();
        var made = Models.Made(Many - models.Count, seed: 3).ToList();
        await database.PutAsync(made, ct);
        report.Figure($"{made.Count:N0} made models: from the replica into the live index", clock.Elapsed.TotalSeconds, "s");
        await Task.Delay(TimeSpan.FromSeconds(2), ct);
        await ReportLatencyAsync(report, gateway, peer, [.. Queries.Made(made.Select(model => model.Title), 400, seed: 4), .. Broad()], ct);
        report.Figure("idle: Search's share of one core", await IdleAsync(platform, ct), "%");
        // 5
        clock.Restart();
        var rebuilt = await platform.Zoo.RunAsync("reindex");
        if (rebuilt.ExitCode != 0) throw new InvalidOperationException(rebuilt.ToString());
        report.Figure($"zoo reindex of {Many:N0} models, searches answered meanwhile", clock.Elapsed.TotalSeconds, "s");
        report.Figure("Search's memory afterwards", Resident(platform, "search"), "MiB resident");
    }

    private static async Task ReportRanksAsync(Report report, HttpClient gateway, string set, IReadOnlyList<Query> queries, CancellationToken ct)
    {
        foreach (var (kind, aim) in new[] { ("exact", "1.00"), ("typo", "0.95"), ("prefix", "0.80") })
        {
            var ranks = new List<double>();
            foreach (var query in queries.Where(query => query.Kind == kind))
            {
                var place = (await FindAsync(gateway, query.Text, 20, ct)).Hits.ToList().FindIndex(hit => hit.Title == query.Wanted);
                ranks.Add(place < 0 ? 0 : 1.0 / (place + 1));
            }
            report.Figure($"{set}: {kind}, {ranks.Count} queries", ranks.Average(), "mean reciprocal rank", aim);
        }
    }

    private static async Task<double> KeptAsync(HttpClient gateway, Peer peer, string text, CancellationToken ct)
    {
        var alone = await peer.FindAsync(text, 10, ct);
        var ours = (await FindAsync(gateway, text, 10, ct)).Hits.Select(hit => hit.Id).ToHashSet();
        return alone.Count == 0 ? 1 : alone.Count(ours.Contains) / (double)alone.Count;
    }

    private static IEnumerable<Query> Broad() =>
        Enumerable.Range(0, 25).SelectMany(_ => new[] { "detection", "resnet", "int8 mobilenet", "m", "quantised speech" }.Select(text => new Query("broad", text, null)));

    private static async Task ReportLatencyAsync(Report report, HttpClient gateway, Peer peer, IReadOnlyList<Query> queries, CancellationToken ct)
    {
        var order = queries.ToArray();
        new Random(5).Shuffle(order);
        var samples = new List<(string Kind, double Gateway, double Peer)>();
        foreach (var (round, query) in order.Take(100).Concat(order).Index())   // a hundred to warm up
        {
            var ours = 0.0;
            if (round % 2 == 0) ours = await TimeAsync(() => FindAsync(gateway, query.Text, 20, ct));
            var theirs = await TimeAsync(() => peer.FindAsync(query.Text, 20, ct));
            if (round % 2 == 1) ours = await TimeAsync(() => FindAsync(gateway, query.Text, 20, ct));
            if (round >= 100) samples.Add((query.Kind, ours, theirs));
        }
        report.Samples("all queries: through the gateway", [.. samples.Select(sample => sample.Gateway)], "ms");
        report.Samples("all queries: Meilisearch asked directly", [.. samples.Select(sample => sample.Peer)], "ms");
        report.Figure("all queries: p50 more than Meilisearch", Median(samples.Select(sample => sample.Gateway)) - Median(samples.Select(sample => sample.Peer)), "ms", "at most 1 ms");
        foreach (var kind in samples.GroupBy(sample => sample.Kind))
            report.Figure($"{kind.Key}: p50 {Median(kind.Select(s => s.Gateway)):0.00} beside {Median(kind.Select(s => s.Peer)):0.00} ms",
                Median(kind.Select(s => s.Gateway)) - Median(kind.Select(s => s.Peer)), "ms more");
    }

    private static double Median(IEnumerable<double> values) => Report.At([.. values.Order()], 0.5);

    private static async Task<double> TimeAsync(Func<Task> ask)
    {
        var start = Stopwatch.GetTimestamp();
        await ask();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static async Task<SearchAnswer> FindAsync(HttpClient gateway, string text, int size, CancellationToken ct) =>
        (await gateway.GetFromJsonAsync<SearchAnswer>($"/api/v1/search?q={Uri.EscapeDataString(text)}&pageSize={size}", ZooJson.Options, ct))!;

    private static double Resident(Platform platform, string resource) =>
        double.Parse(File.ReadLines($"/proc/{platform.Processes()[resource]}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;

    private static async Task<double> IdleAsync(Platform platform, CancellationToken ct)
    {
        var before = Ticks();
        await Task.Delay(TimeSpan.FromSeconds(20), ct);
        return (Ticks() - before) / 20;   // a tick is a hundredth of a second

        double Ticks()
        {
            var stat = File.ReadAllText($"/proc/{platform.Processes()["search"]}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return double.Parse(fields[11]) + double.Parse(fields[12]);
        }
    }

    private static IEnumerable<JsonElement> Lines(string file) => File.ReadLines(SharedFolder.File(file)).Select(line => JsonDocument.Parse(line).RootElement);
}
