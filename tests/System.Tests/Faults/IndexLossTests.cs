using System.Diagnostics;
using System.Net;
using Xunit;
using Xunit.Abstractions;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.Faults;

/// <summary>Meilisearch's folder is deleted under it: the index comes back by itself, complete, and until then searches say so.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class IndexLossTests(RunningZoo running, ITestOutputHelper output)
{
    [Theory]
    [InlineData("while it runs")]
    [InlineData("while it is down")]
    public async Task The_index_comes_back_complete_when_its_folder_is_deleted(string moment)
    {
        using var http = running.Http(running.AdminToken);
        var early = await PushAsync();
        await ShouldFindAsync(http, early);
        var all = await TotalAsync(http, "");

        var before = running.ProcessOf("meilisearch");
        if (moment == "while it is down") Processes.Signal(before!.Value, Processes.Kill);
        Directory.Delete(running.DataFile("meilisearch"), recursive: true);
        var clock = Stopwatch.StartNew();
        await Files.EventuallyAsync(TimeSpan.FromSeconds(40), async () =>
        {
            if (await TotalAsync(http, "") < all) throw new InvalidOperationException("A search counted what was there already, and not all of it.");
            Assert.True(running.ProcessOf("meilisearch") is { } now && now != before);
        });
        var late = await PushAsync();
        await ShouldFindAsync(http, early);
        await ShouldFindAsync(http, late);
        var end = await TotalAsync(http, "");
        if (end != all + 1) throw new InvalidOperationException($"There were {all} models and one more; the search counts {end}.");
        output.WriteLine($"complete again {clock.Elapsed.TotalSeconds:0.0} s after the folder was deleted {moment}");
    }

    private async Task<string> PushAsync()
    {
        var owner = await running.NewOrganisationAsync();
        var word = $"lost{Guid.CreateVersion7().ToString("N")[^10..]}";
        var folder = running.NewFolder("lost");
        File.WriteAllText(Path.Combine(folder, "README.md"), $"# The {word} model\n");
        await running.Zoo.JsonAsync("push", folder, $"{owner}/lost", "-m", "first", "--public");
        return word;
    }

    private static Task ShouldFindAsync(HttpClient http, string word) =>
        Files.EventuallyAsync(TimeSpan.FromSeconds(40), async () => Assert.Equal(1, await TotalAsync(http, word)));

    /// <summary>Null: the search says that it cannot answer. It may say nothing else but the truth.</summary>
    private static async Task<long?> TotalAsync(HttpClient http, string words)
    {
        using var answer = await http.GetAsync($"/api/v1/search?q={words}");
        var body = await answer.ReadJsonAsync();
        if (answer.StatusCode == HttpStatusCode.OK) return body.GetProperty("total").GetInt64();
        // Whoever waits for the truth goes on waiting after an assertion, not after this.
        return answer.StatusCode == HttpStatusCode.ServiceUnavailable && body.GetProperty("type").GetString()!.StartsWith("urn:zoo:search.", StringComparison.Ordinal)
            ? null
            : throw new InvalidOperationException($"A search answered {answer.StatusCode}: {body}");
    }
}
