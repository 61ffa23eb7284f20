using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>5,000 files of 4 KiB up and down by the command line, beside one request a file, eight at once, as git-lfs does it.</summary>
/// <remarks>The peer's requests go through the same gateway to the same store, over kept connections; its limit of requests a second is lifted for both.
/// Its commit is not counted, ours is. A first round of each warms the services, which have just started, and is not counted.</remarks>
internal static class MeasureSmall
{
    private const int Files = 5000;
    private const int FileBytes = 4096;
    private const int Rounds = 5;

    public static async Task RunAsync(Report report, CancellationToken ct)
    {
        await using var platform = await Platform.StartAsync(new Circumstances([], new Dictionary<string, string>
        {
            ["Gateway__RequestsPerSecondOfCaller"] = "1000000", ["Gateway__RequestsPerSecondOfAddress"] = "1000000",
        }));
        var owner = await platform.NewOrganisationAsync();
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 8 }) { BaseAddress = new Uri(platform.Url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", platform.AdminToken);
        var (push, pull, puts, gets) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var (ours, theirs) = (Contents(), Contents());
            var kit = platform.NewFolder("small");
            for (var i = 0; i < Files; i++) await File.WriteAllBytesAsync(Path.Combine(kit, $"f{i:0000}.bin"), ours[i], ct);
            var name = $"{owner}/small{round}";
            push.Add(await Settled.SecondsAsync(kit, () => platform.Zoo.JsonAsync("push", kit, name, "-m", "many"), ct));
            var folder = Path.Combine(platform.NewFolder("pulled"), "out");
            pull.Add(await Settled.SecondsAsync(kit, () => platform.Zoo.JsonAsync("pull", name, folder), ct));
            if (Directory.GetFiles(folder, "f*").Length != Files) throw new InvalidOperationException("The pull did not bring all files.");

            puts.Add(await Settled.SecondsAsync(kit, () => EachAsync(i => http.PutAsync(
                $"/api/v1/repositories/{name}/blobs/{Convert.ToHexStringLower(SHA256.HashData(theirs[i]))}", new ByteArrayContent(theirs[i]), ct), ct), ct));
            gets.Add(await Settled.SecondsAsync(kit, () => EachAsync(i => http.GetAsync($"/api/v1/repositories/{name}/files/main/f{i:0000}.bin", ct), ct), ct));
        }
        foreach (var times in new[] { push, pull, puts, gets }) times.RemoveAt(0);
        report.Samples("zoo push", push, "s");
        report.Samples("one PUT each, 8 at once", puts, "s");
        report.Figure("push, speed ours / one request each", MeasurePut.Median(puts) / MeasurePut.Median(push), "x", ">= 10");
        report.Samples("zoo pull", pull, "s");
        report.Samples("one GET each, 8 at once", gets, "s");
        report.Figure("pull, speed ours / one request each", MeasurePut.Median(gets) / MeasurePut.Median(pull), "x", ">= 10");
    }

    private static List<byte[]> Contents() => [.. Enumerable.Range(0, Files).Select(_ => RandomNumberGenerator.GetBytes(FileBytes))];

    private static Task EachAsync(Func<int, Task<HttpResponseMessage>> ask, CancellationToken ct) =>
        Parallel.ForAsync(0, Files, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = ct }, async (i, token) =>
        {
            using var answer = await ask(i);
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NoContent)) throw new InvalidOperationException($"File {i} was answered {answer.StatusCode}.");
            await answer.Content.ReadAsByteArrayAsync(token);
        });
}
