using System.Net.Http.Json;
using System.Security.Cryptography;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>A file of 1 GiB of which 1 % changed, in 50 places, pushed again: what is sent, and how long it takes beside the full push.</summary>
/// <remarks>Each round begins with new random bytes: 1. pushed in full. 2. The zoo has cut it after a moment. 3. 50 places of 0.02 % each are
/// written over. 4. Pushed again. Once the same by npm's @huggingface/hub.</remarks>
internal static class MeasureDelta
{
    private const long Bytes = 1L << 30;
    private const int Places = 50;
    private const int Rounds = 3;

    public static async Task RunAsync(Report report, CancellationToken ct)
    {
        await using var platform = await Platform.StartAsync();
        var owner = await platform.NewOrganisationAsync();
        var kit = platform.NewFolder("delta");
        var file = Path.Combine(kit, "weights.bin");
        var (full, delta, sent) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            await RandomFile.WriteAsync(file, Bytes, ct);
            full.Add(await Settled.SecondsAsync(kit, () => platform.Zoo.JsonAsync("push", kit, $"{owner}/delta{round}", "-m", "all"), ct));
            await MeasurePull.CutAsync(platform, $"{owner}/delta{round}", ct);
            Change(file);
            delta.Add(await Settled.SecondsAsync(kit, async () =>
            {
                var pushed = await platform.Zoo.JsonAsync("push", kit, $"{owner}/delta{round}", "-m", "a little");
                sent.Add(pushed.GetProperty("uploadedBytes").GetInt64() * 100.0 / Bytes);
            }, ct));
        }
        report.Samples("zoo push, all new", full, "s");
        report.Samples($"zoo push, 1 % changed in {Places} places", delta, "s");
        report.Samples("sent of the file", sent, "%", "<= 2");
        report.Figure("time, changed / all new", MeasurePut.Median(delta) / MeasurePut.Median(full), "x", "<= 0.25");

        var client = await HubClient.InstallAsync(platform.NewFolder("hub"));
        await RandomFile.WriteAsync(file, Bytes, ct);
        using var http = platform.Http(platform.AdminToken);
        (await http.PostAsJsonAsync("/api/v1/repositories", new { owner, name = "hub" }, ct)).EnsureSuccessStatusCode();
        report.Figure("@huggingface/hub, all new", await Settled.SecondsAsync(kit, () => client.PushAsync(platform, $"{owner}/hub", file), ct), "s");
        await MeasurePull.CutAsync(platform, $"{owner}/hub", ct);
        Change(file);
        var theirs = 0L;
        var theirTime = await Settled.SecondsAsync(kit, async () => theirs = await client.PushAsync(platform, $"{owner}/hub", file), ct);
        report.Figure($"@huggingface/hub, 1 % changed in {Places} places", theirTime, "s");
        report.Figure("sent of the file by @huggingface/hub", theirs * 100.0 / Bytes, "%");
        report.Figure("time, zoo push / @huggingface/hub, changed", MeasurePut.Median(delta) / theirTime, "x");
    }

    internal static void Change(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        for (var i = 0; i < Places; i++)
            RandomAccess.Write(file, RandomNumberGenerator.GetBytes((int)(Bytes / 100 / Places)), Bytes / Places * i + Bytes / Places / 3);
    }
}
