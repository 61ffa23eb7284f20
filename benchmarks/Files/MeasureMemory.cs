using System.Net.Http.Json;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>The most that Artifact and Gateway hold in memory (resident) while 16 clients send 256 MiB each, and while 16 get as much.</summary>
/// <remarks>Twice: what grows with each round would show.</remarks>
internal static class MeasureMemory
{
    private const int Clients = 16;
    private const long Bytes = 256L << 20;

    public static async Task RunAsync(Report report, CancellationToken ct)
    {
        await using var platform = await Platform.StartAsync();
        var owner = await platform.NewOrganisationAsync();
        using var http = platform.Http(platform.AdminToken);
        (await http.PostAsJsonAsync("/api/v1/repositories", new { owner, name = "m", visibility = "public" }, ct)).EnsureSuccessStatusCode();
        var folder = platform.NewFolder("m");
        var watched = platform.Processes().Where(process => process.Key is "artifact" or "gateway" && process.Value is not null).ToDictionary(process => process.Key, process => process.Value!.Value);
        report.Note("idle: " + string.Join(", ", watched.Select(process => $"{process.Key} {ResidentMiB(process.Value):0} MiB")));
        for (var round = 1; round <= 2; round++)
        {
            var hashes = new string[Clients];
            for (var i = 0; i < Clients; i++)
            {
                await RandomFile.WriteAsync(Path.Combine(folder, $"f{i}"), Bytes, ct);
                hashes[i] = (await Machine.AnswerOfAsync("sha256sum", [Path.Combine(folder, $"f{i}")], ct))[..64];
            }
            await WatchAsync(report, watched, $"{Clients} x 256 MiB up, round {round}", i => MeasurePut.CurlAsync(
                ["-T", Path.Combine(folder, $"f{i}"), "-H", $"Authorization: Bearer {platform.AdminToken}", $"{platform.Url}/api/v1/repositories/{owner}/m/blobs/{hashes[i]}"], ct));
            (await http.PostAsJsonAsync($"/api/v1/repositories/{owner}/m/revisions", new
            {
                message = "m", branch = $"b{round}", operations = hashes.Select((sha256, i) => new { path = $"f{i}", sha256 }),
            }, ct)).EnsureSuccessStatusCode();
            var branch = $"b{round}";
            await WatchAsync(report, watched, $"{Clients} x 256 MiB down, round {round}", i => MeasurePut.CurlAsync([$"{platform.Url}/api/v1/repositories/{owner}/m/files/{branch}/f{i}"], ct));
        }
    }

    private static async Task WatchAsync(Report report, Dictionary<string, int> watched, string what, Func<int, Task> run)
    {
        var most = watched.Keys.ToDictionary(name => name, _ => 0.0);
        var work = Task.WhenAll(Enumerable.Range(0, Clients).Select(run));
        while (await Task.WhenAny(work, Task.Delay(100)) != work)
            foreach (var (name, process) in watched) most[name] = Math.Max(most[name], ResidentMiB(process));
        await work;
        foreach (var (name, held) in most) report.Figure($"{name}, {what}", held, "MiB", "<= 400");
    }

    private static double ResidentMiB(int process) =>
        File.ReadLines($"/proc/{process}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Select(line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1024).First();
}
