using System.Globalization;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Benchmark.Workers;

/// <summary>What a worker is to be given.</summary>
/// <param name="ExternalData">Paths of the files that the weights lie in.</param>
internal sealed record JobModel(Guid Repository, string Revision, string File, string Sha256, IReadOnlyList<string> ExternalData);

/// <summary>Lays out a worker's folder: the model, the files of its weights and, where wanted, sample data. Nothing else.</summary>
internal sealed partial class PrepareJob(IHttpClientFactory clients, ModelStore store, WorkerFolders folders)
{
    private const int MaxSampleSets = 10;
    private const long MaxSampleBytes = 256L << 20;

    /// <exception cref="HttpRequestException">Artifact is out of reach, or a file is gone (404).</exception>
    /// <exception cref="InvalidDataException">The files are not those that were inspected.</exception>
    public async Task<(JobFolder Job, IReadOnlyList<SampleSet> Samples)> RunAsync(JobModel model, bool withSamples, CancellationToken ct)
    {
        var tree = await TreeAsync(model, ct);
        var samples = withSamples ? SampleSetsFor(model.File, tree.Values) : [];
        var job = folders.NewJob();
        try
        {
            await store.AddAsync(job, model.Repository, model.Revision, model.File, model.Sha256, ct);
            foreach (var path in model.ExternalData.Concat(samples.SelectMany(set => set.Inputs.Concat(set.Outputs))).Distinct())
            {
                var entry = tree.GetValueOrDefault(path) ?? throw new InvalidDataException($"'{model.File}' needs '{path}', which its revision does not have.");
                await store.AddAsync(job, model.Repository, model.Revision, path, entry.Sha256!, ct);
            }

            return (job, samples);
        }
        catch
        {
            job.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Sample data are folders with <c>input_0.pb</c>, <c>input_1.pb</c>, ... and <c>output_0.pb</c>, ... as the ONNX project lays them out
    /// (<c>test_data_set_0</c>). Of several the ones that share the longest path with the model are its own.
    /// </summary>
    internal static IReadOnlyList<SampleSet> SampleSetsFor(string model, IEnumerable<TreeEntryView> files)
    {
        var sets = files
            .Select(file => (file.Path, file.SizeBytes, Match: SampleFile().Match(file.Path)))
            .Where(file => file.Match.Success)
            .GroupBy(file => file.Match.Groups["folder"].Value)
            .Where(folder => folder.Any(file => file.Path.EndsWith("input_0.pb", StringComparison.Ordinal)) && folder.Sum(file => file.SizeBytes) <= MaxSampleBytes)
            .ToList();
        if (sets.Count == 0)
        {
            return [];
        }

        var nearest = sets.Max(set => SharedDepth(model, set.Key));
        return [.. sets.Where(set => SharedDepth(model, set.Key) == nearest)
            .OrderBy(set => set.Key.Length).ThenBy(set => set.Key, StringComparer.Ordinal).Take(MaxSampleSets)
            .Select(set => new SampleSet(set.Key.TrimEnd('/'), Paths(set, "input"), Paths(set, "output")))];

        static IReadOnlyList<string> Paths(IEnumerable<(string Path, long SizeBytes, Match Match)> set, string kind) =>
            [.. set.Where(file => file.Match.Groups["kind"].Value == kind)
                .OrderBy(file => int.Parse(file.Match.Groups["number"].Value, CultureInfo.InvariantCulture)).Select(file => file.Path)];
    }

    private static int SharedDepth(string model, string folder) =>
        model.Split('/').SkipLast(1).Zip(folder.Split('/')).TakeWhile(pair => pair.First == pair.Second).Count();

    private async Task<Dictionary<string, TreeEntryView>> TreeAsync(JobModel model, CancellationToken ct)
    {
        using var artifact = clients.CreateClient(ServiceClients.Own("artifact"));
        var entries = new List<TreeEntryView>();
        string? after = null;
        do
        {
            var next = after is null ? "" : $"&after={Uri.EscapeDataString(after)}";
            var page = await artifact.GetFromJsonAsync<Page<TreeEntryView>>(
                $"/internal/repositories/{model.Repository}/revisions/{model.Revision}/tree?recursive=true{next}", ZooJson.Options, ct)
                ?? throw new HttpRequestException("Artifact answered no tree.");
            entries.AddRange(page.Items);
            after = page.Next;
        }
        while (after is not null);

        return entries.Where(entry => entry.Sha256 is not null).ToDictionary(entry => entry.Path, StringComparer.Ordinal);
    }

    [GeneratedRegex(@"^(?<folder>(.*/)?)(?<kind>input|output)_(?<number>\d{1,3})\.pb$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex SampleFile();
}
