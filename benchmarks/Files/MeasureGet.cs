using System.Diagnostics;
using System.Globalization;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>One file of 1 GiB, read by curl through the gateway and from nginx, in turn, with 1 and 8 clients.</summary>
/// <remarks>
/// 1. Pushes a kit with the file (random bytes).
/// 2. nginx serves the same bytes from a folder of its own. Both files are in the page cache: a first round of each is not counted.
/// 3. In turn, five rounds each: throughput, and processor time of all processes that serve, per GiB.
/// </remarks>
internal static class MeasureGet
{
    private const long Bytes = 1L << 30;
    private const int Rounds = 5;

    /// <summary>Processor time is counted in hundredths of a second: one download is too short for that.</summary>
    private const int DownloadsEach = 3;

    public static async Task RunAsync(Report report, CancellationToken ct)
    {
        report.Note($"peer: {await Machine.AnswerOfAsync("nginx", ["-v"], ct)}; client: {(await Machine.AnswerOfAsync("curl", ["--version"], ct)).Split('(')[0].Trim()}");
        await using var platform = await Platform.StartAsync();
        // 1
        var owner = await platform.NewOrganisationAsync();
        var kit = platform.NewFolder("kit");
        await RandomFile.WriteAsync(Path.Combine(kit, "weights.bin"), Bytes, ct);
        await platform.Zoo.JsonAsync("push", kit, $"{owner}/big", "-m", "1 GiB", "--public");
        // 2
        await using var nginx = await Nginx.StartAsync(kit, ct);
        var ours = new Server($"{platform.Url}/api/v1/repositories/{owner}/big/files/main/weights.bin", platform.Started.GetProperty("pid").GetInt32(), ["ZooPlatform.Gateway", "ZooPlatform.Artifact", "ZooPlatform.Identity"]);
        var peers = new Server($"{nginx.Url}/weights.bin", nginx.ProcessId, ["nginx"]);
        foreach (var server in new[] { ours, peers }) await RoundAsync(server, 1, ct);
        // 3
        foreach (var clients in new[] { 1, 8 })
        {
            var (our, peer) = (new List<Round>(), new List<Round>());
            for (var i = 0; i < Rounds; i++)
            {
                peer.Add(await RoundAsync(peers, clients, ct));
                our.Add(await RoundAsync(ours, clients, ct));
            }
            var who = clients == 1 ? "1 client" : $"{clients} clients";
            report.Samples($"nginx, {who}", [.. peer.Select(round => round.MegabytesPerSecond)], "MB/s");
            report.Samples($"through the gateway, {who}", [.. our.Select(round => round.MegabytesPerSecond)], "MB/s");
            report.Figure($"throughput, ours / nginx, {who}", Median(our, round => round.MegabytesPerSecond) / Median(peer, round => round.MegabytesPerSecond), "x", ">= 1.0");
            report.Samples($"nginx, {who}", [.. peer.Select(round => round.ProcessorSecondsPerGiB)], "processor s/GiB");
            report.Samples($"through the gateway, {who}", [.. our.Select(round => round.ProcessorSecondsPerGiB)], "processor s/GiB");
            report.Figure($"processor time, ours / nginx, {who}", Median(our, round => round.ProcessorSecondsPerGiB) / Median(peer, round => round.ProcessorSecondsPerGiB), "x", "<= 1.2");
        }
    }

    private static async Task<Round> RoundAsync(Server server, int clients, CancellationToken ct)
    {
        var before = ProcessorSeconds(server);
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < DownloadsEach; i++) await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => DownloadAsync(server.Url, ct)));
        var (seconds, bytes) = (clock.Elapsed.TotalSeconds, (double)DownloadsEach * clients * Bytes);
        return new Round(bytes / 1e6 / seconds, (ProcessorSeconds(server) - before) / (bytes / (1L << 30)));
    }

    private static async Task DownloadAsync(string url, CancellationToken ct)
    {
        using var curl = Process.Start(new ProcessStartInfo("curl", ["--silent", "--fail", "--output", "/dev/null", "--write-out", "%{size_download}", url]) { RedirectStandardOutput = true })!;
        var size = await curl.StandardOutput.ReadToEndAsync(ct);
        await curl.WaitForExitAsync(ct);
        if (size != Bytes.ToString(CultureInfo.InvariantCulture)) throw new InvalidOperationException($"{url} gave {size} bytes of {Bytes}; curl ended with {curl.ExitCode}.");
    }

    /// <summary>Of the processes that serve: here gateway, Artifact, and Identity for tokens; there all of nginx. What others do in the background is
    /// none of it.</summary>
    private static double ProcessorSeconds(Server server) => Processes.Tree(server.Root)
        .Where(process => server.Programs.Any(program => process.Command.StartsWith(program, StringComparison.Ordinal))).Sum(process => Processes.ProcessorSeconds(process.Process));

    private static double Median(List<Round> rounds, Func<Round, double> of) => Report.At([.. rounds.Select(of).Order()], 0.5);

    private sealed record Server(string Url, int Root, string[] Programs);

    private sealed record Round(double MegabytesPerSecond, double ProcessorSecondsPerGiB);
}
