using System.Diagnostics;
using System.Globalization;
using System.Net;
using Xunit;
using Xunit.Abstractions;

namespace ZooPlatform.Tests.Whole.Faults;

/// <summary>The main job goes on while every process of the platform is killed with -9 and its servers are stopped: what was acknowledged
/// is there with its bytes, the jobs come to their end, nothing stays wedged. The seed is told; ZOO_FIRE_SEED repeats it.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class UnderFireTests(RunningZoo running, ITestOutputHelper output)
{
    private static readonly string[] s_servers = ["postgres", "redis", "meilisearch"];
    private static readonly TimeSpan s_stop = TimeSpan.FromSeconds(8);

    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("ZOO_FIRE_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next(100_000);

    [Fact]
    public Task Every_process_is_killed_once_then_PostgreSQL_Redis_and_Meilisearch_hang_in_turn() => SurviveAsync(async fire =>
    {
        await fire.KillEachAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2.5));
        foreach (var server in s_servers) await fire.FreezeAsync(server, s_stop);
    });

    [Fact]
    [Trait("Category", "Long")]
    public Task PostgreSQL_Redis_and_Meilisearch_are_gone_in_turn() => SurviveAsync(async fire =>
    {
        foreach (var server in s_servers)
        {
            await fire.KeepDownAsync(server, s_stop);
            await Task.Delay(TimeSpan.FromSeconds(10));
        }
    });

    [Fact]
    [Trait("Category", "Long")]
    public Task Ten_minutes_of_random_kills() => SurviveAsync(fire => fire.KillAnyAsync(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(12)));

    private async Task SurviveAsync(Func<Fire, Task> burn)
    {
        output.WriteLine($"seed {_seed}");
        var journal = new Journal();
        var job = new MainJob(running, journal, output);
        var scribbler = new Scribbler(running, journal, await running.NewOrganisationAsync());
        using var enough = new CancellationTokenSource();
        var working = new[] { job.RepeatAsync(enough.Token), scribbler.WriteAsync(enough.Token) };
        try
        {
            // Whoever works fails early when what they saw was wrong.
            await await Task.WhenAny([burn(new Fire(running, _seed, output)), .. working]);
        }
        finally
        {
            await enough.CancelAsync();
        }
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(working);
        try
        {
            await NothingIsWedgedAsync();
        }
        catch
        {
            output.WriteLine(running.Platform.Warnings());
            throw;
        }
        output.WriteLine($"all healthy and all queues empty {clock.Elapsed.TotalSeconds:0.0} s after the last fault; {job.Done} jobs, {journal.Count} things acknowledged");
        foreach (var answer in journal.Answers) output.WriteLine($"    {answer}");

        using var http = running.Http(running.AdminToken);
        Assert.Empty(await journal.LostAsync(http));
        Assert.Empty(journal.Lies);
        Assert.True(job.Done > 0);
    }

    /// <summary>Health is green, runs end, revisions are read.</summary>
    private async Task NothingIsWedgedAsync()
    {
        using var http = running.Http(running.AdminToken);
        await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () =>
        {
            using var health = await http.GetAsync("/health");
            Assert.True(health.StatusCode == HttpStatusCode.OK, await health.Content.ReadAsStringAsync());
            var status = await running.Zoo.RunAsync("status");
            Assert.True(status.ExitCode == 0, status.ToString());
        });
        await Files.EventuallyAsync(TimeSpan.FromSeconds(90), async () =>
        {
            foreach (var run in await ListAsync(http, "/api/v1/runs?limit=100"))
                Assert.True(run.GetProperty("status").GetString() is "succeeded" or "failed" or "cancelled", run.ToString());
            foreach (var model in await ListAsync(http, "/api/v1/models?limit=100"))
            {
                using var answer = await http.GetAsync($"/api/v1/models/{model.GetProperty("owner")}/{model.GetProperty("name")}");
                Assert.False((await answer.ReadJsonAsync()).GetProperty("inspecting").GetBoolean(), model.ToString());
            }
        });
    }

    private static async Task<List<System.Text.Json.JsonElement>> ListAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        Assert.True(answer.IsSuccessStatusCode, answer.StatusCode.ToString());
        return [.. (await answer.ReadJsonAsync()).GetProperty("items").EnumerateArray()];
    }
}
