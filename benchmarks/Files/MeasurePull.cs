using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>A file of 1 GiB by <c>zoo pull</c> and by curl, and the same file changed a little, pulled over the old one.</summary>
/// <remarks>
/// 1. In turn: curl to a file; curl, then sha256sum and fsync, which is what a pull does too; <c>zoo pull</c> into an empty folder.
/// 2. 1 % changed in 50 places and pushed; its chunks are in the zoo's index after a while. 3. Pulled over the old version.
/// All write to the same disk.
/// </remarks>
internal static class MeasurePull
{
    private const long Bytes = 1L << 30;
    private const int Rounds = 3;

    public static async Task RunAsync(Report report, CancellationToken ct)
    {
        await using var platform = await Platform.StartAsync();
        var owner = await platform.NewOrganisationAsync();
        var kit = platform.NewFolder("kit");
        var file = Path.Combine(kit, "weights.bin");
        await RandomFile.WriteAsync(file, Bytes, ct);
        await platform.Zoo.JsonAsync("push", kit, $"{owner}/big", "-m", "1 GiB", "--public");
        var url = $"{platform.Url}/api/v1/repositories/{owner}/big/files/main/weights.bin";

        var (curl, checking, pull, pulled) = (new List<double>(), new List<double>(), new List<double>(), "");
        for (var round = 0; round < Rounds; round++)
        {
            var folder = platform.NewFolder("curl");
            var target = Path.Combine(folder, "weights.bin");
            curl.Add(await Settled.SecondsAsync(kit, () => CurlAsync(target, url, ct), ct));
            File.Delete(target);
            checking.Add(await Settled.SecondsAsync(kit, async () =>
            {
                await CurlAsync(target, url, ct);
                await Machine.AnswerOfAsync("sha256sum", [target], ct);
                await Machine.AnswerOfAsync("sync", [target], ct);
            }, ct));
            Directory.Delete(folder, recursive: true);
            if (pulled.Length > 0) Directory.Delete(pulled, recursive: true);
            pulled = platform.NewFolder("pulled");
            pull.Add(await Settled.SecondsAsync(kit, () => platform.Zoo.JsonAsync("pull", $"{owner}/big", pulled), ct));
        }
        report.Samples("curl to a file", curl, "s");
        report.Samples("curl, sha256sum, fsync", checking, "s");
        report.Samples("zoo pull", pull, "s");
        report.Figure("time, zoo pull / curl", MeasurePut.Median(pull) / MeasurePut.Median(curl), "x");
        report.Figure("time, zoo pull / curl, sha256sum, fsync", MeasurePut.Median(pull) / MeasurePut.Median(checking), "x");

        var (delta, fetched) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            MeasureDelta.Change(file);
            await platform.Zoo.JsonAsync("push", kit, $"{owner}/big", "-m", "a little");
            await CutAsync(platform, $"{owner}/big", ct);
            delta.Add(await Settled.SecondsAsync(kit, async () =>
            {
                var told = await platform.Zoo.JsonAsync("pull", $"{owner}/big", pulled);
                fetched.Add(told.GetProperty("fetchedBytes").GetInt64() * 100.0 / Bytes);
            }, ct));
        }
        report.Samples("zoo pull over the old version, 1 % changed in 50 places", delta, "s");
        report.Samples("fetched of the file", fetched, "%");
        report.Figure("time, changed / all new", MeasurePut.Median(delta) / MeasurePut.Median(pull), "x");
    }

    /// <summary>Waits until the zoo knows the chunks of <c>weights.bin</c>.</summary>
    internal static async Task CutAsync(Platform platform, string repository, CancellationToken ct)
    {
        using var http = platform.Http(platform.AdminToken);
        for (var tries = 0; (await http.GetByteArrayAsync($"/api/v1/repositories/{repository}/chunks/main/weights.bin", ct)).Length == 0; tries++)
        {
            if (tries == 300) throw new InvalidOperationException("The zoo has not cut the file for five minutes.");
            await Task.Delay(TimeSpan.FromSeconds(1), ct);
        }
    }

    private static async Task CurlAsync(string target, string url, CancellationToken ct)
    {
        await Machine.AnswerOfAsync("curl", ["--silent", "--fail", "--output", target, url], ct);
        if (new FileInfo(target) is not { Exists: true, Length: Bytes }) throw new InvalidOperationException($"curl got not all of {url}.");
    }
}
