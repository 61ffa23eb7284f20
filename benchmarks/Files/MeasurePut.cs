using System.Net.Http.Json;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>New bytes up, durable when acknowledged.</summary>
/// <remarks>
/// In turn, each round with a new file of 1 GiB of random bytes that lies in the page cache, on a machine that owes nothing (<see cref="Settled"/>):
/// 1. The limit: sha256sum, then a copy with fsync, as processes of their own.
/// 2. docker-registry: one upload by curl (POST, then PUT with the digest). It does not fsync.
/// 3. Through the gateway: one PUT by curl; and `zoo push` of a folder with the file, which hashes first.
/// </remarks>
internal static class MeasurePut
{
    private const long Bytes = 1L << 30;
    private const int Rounds = 3;

    public static async Task RunAsync(Report report, CancellationToken ct)
    {
        await using var platform = await Platform.StartAsync();
        var folder = platform.NewFolder("put");
        await using var registry = await Registry.StartAsync(Path.Combine(folder, "registry"), ct);
        report.Note($"peer: docker-registry {await Machine.AnswerOfAsync("docker-registry", ["--version"], ct)}");
        var owner = await platform.NewOrganisationAsync();
        using var http = platform.Http(platform.AdminToken);
        (await http.PostAsJsonAsync("/api/v1/repositories", new { owner, name = "put" }, ct)).EnsureSuccessStatusCode();
        var (limit, peer, put, push) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var kit = Directory.CreateDirectory(Path.Combine(folder, $"kit{round}")).FullName;
            var file = Path.Combine(kit, "weights.bin");
            await RandomFile.WriteAsync(file, Bytes, ct);
            var hash = "";
            limit.Add(await RateAsync(folder, async () =>
            {
                hash = (await Machine.AnswerOfAsync("sha256sum", [file], ct))[..64];
                await Machine.AnswerOfAsync("dd", [$"if={file}", $"of={file}.copy", "bs=1M", "conv=fsync", "status=none"], ct);
            }, ct));
            File.Delete(file + ".copy");
            peer.Add(await RateAsync(folder, () => registry.PutAsync(file, hash, ct), ct));
            put.Add(await RateAsync(folder, () => CurlAsync(["-T", file, "-H", $"Authorization: Bearer {platform.AdminToken}", $"{platform.Url}/api/v1/repositories/{owner}/put/blobs/{hash}"], ct), ct));
            await RandomFile.WriteAsync(file, Bytes, ct);   // else the zoo has it
            push.Add(await RateAsync(folder, () => platform.Zoo.JsonAsync("push", kit, $"{owner}/pushed{round}", "-m", "1 GiB"), ct));
            Directory.Delete(kit, recursive: true);
        }
        report.Samples("limit: sha256sum, copy, fsync", limit, "MB/s");
        report.Samples("docker-registry, curl", peer, "MB/s");
        report.Samples("through the gateway, curl PUT", put, "MB/s");
        report.Samples("zoo push: hashed, asked, sent, committed", push, "MB/s");
        report.Figure("curl PUT / docker-registry", Median(put) / Median(peer), "x", ">= 1.5");
        report.Figure("curl PUT / limit", Median(put) / Median(limit), "x", ">= 0.8");
        report.Figure("zoo push / limit", Median(push) / Median(limit), "x");
    }

    internal static async Task CurlAsync(string[] arguments, CancellationToken ct)
    {
        var status = await Machine.AnswerOfAsync("curl", ["--silent", "--show-error", "--output", "/dev/null", "--write-out", "%{http_code}", .. arguments], ct);
        if (status.Trim() is not ['2', ..]) throw new InvalidOperationException($"curl was answered {status}.");
    }

    internal static double Median(IReadOnlyList<double> values) => Report.At([.. values.Order()], 0.5);

    private static async Task<double> RateAsync(string folder, Func<Task> run, CancellationToken ct) =>
        Bytes / 1e6 / await Settled.SecondsAsync(folder, run, ct);
}
