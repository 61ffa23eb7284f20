using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace ZooPlatform.Tests.Whole.Telemetry;

/// <summary><c>zoo status</c> on a platform of which parts hang.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class StatusTests(RunningZoo running)
{
    [Fact]
    public async Task Status_names_what_hangs_what_it_means_and_what_to_do()
    {
        await Files.EventuallyAsync(TimeSpan.FromSeconds(30), async () => Assert.Empty((await StatusAsync(0)).GetProperty("wrong").EnumerateArray()));
        var hung = new[] { "meilisearch", "catalog" }.Select(resource => running.ProcessOf(resource)!.Value).ToList();
        foreach (var process in hung) await SignalAsync("STOP", process);
        try
        {
            await Files.EventuallyAsync(TimeSpan.FromSeconds(40), async () =>
            {
                var wrong = (await StatusAsync(1)).GetProperty("wrong").EnumerateArray().ToList();
                Assert.Contains(wrong, one => one.GetProperty("what").GetString()!.StartsWith("Meilisearch is ") && one.GetProperty("page").GetString() == "search-down");
                Assert.Contains(wrong, one => one.GetProperty("what").GetString()!.StartsWith("catalog ") && one.GetProperty("do").GetString()!.Contains("catalog.log"));
                Assert.DoesNotContain(wrong, one => one.GetProperty("what").GetString()!.StartsWith("search "));   // it only says what Meilisearch is
            });
        }
        finally
        {
            foreach (var process in hung) await SignalAsync("CONT", process);
        }
        await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () => Assert.True((await StatusAsync(0)).GetProperty("healthy").GetBoolean()));
    }

    private async Task<JsonElement> StatusAsync(int exitCode)
    {
        var status = await running.Zoo.RunAsync("status", "--json", "--data", running.DataFile());
        Assert.True(status.ExitCode == exitCode, status.ToString());
        return JsonDocument.Parse(status.Output).RootElement;
    }

    private static async Task SignalAsync(string signal, int process) => await Process.Start("kill", [$"-{signal}", $"{process}"]).WaitForExitAsync();
}
