using System.Diagnostics;
using System.Text.Json;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Infer;

/// <summary>Inference through the gateway beside the bare ONNX Runtime loop on the same machine in the same run.</summary>
/// <remarks>
/// 1. A platform of its own; a small and a larger model are pushed.
/// 2. The bare loop: a benchmark run, which is a loop of RunWithBinding in a worker with as many threads as serving uses, call by call.
/// 3. Inference over HTTP through the gateway: JSON and binary, one client and eight, each with a connection of its own, in a closed loop.
/// 4. Where the time goes: the service says in Server-Timing what ONNX Runtime, the worker around it and the service took; what is left of
///    what the client saw is the gateway, HTTP and the client itself, which shares the cores.
/// </remarks>
internal static class MeasureInfer
{
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(6);

    public static async Task RunAsync(Report report, CancellationToken ct)
    {
        // 1. A measurement asks more often than one caller may.
        foreach (var limit in new[] { "RequestsPerSecondOfCaller", "RequestsPerSecondOfAddress" }) Environment.SetEnvironmentVariable($"Gateway__{limit}", "1000000");
        await using var platform = await Platform.StartAsync();
        var owner = await platform.NewOrganisationAsync();
        foreach (var (name, folder) in Models())
        {
            Report.Say($"measuring {name}");
            await platform.Zoo.JsonAsync("push", folder, $"{owner}/{name}", "-m", "measured");
            await MeasureAsync(report, platform, $"{owner}/{name}", name, folder, ct);
        }
    }

    private static IEnumerable<(string Name, string Folder)> Models()
    {
        yield return ("digits-cnn", Path.Combine(SharedFolder.Repository, "samples", "digits-cnn"));
        if (SharedFolder.Path is not null) yield return ("mobilenetv2-int8", SharedFolder.File("models/onnx/mobilenetv2_qdq_int8"));
    }

    private static async Task MeasureAsync(Report report, Platform platform, string model, string name, string folder, CancellationToken ct)
    {
        // 2
        var bare = await BareLoopAsync(platform, model, ct);
        report.Samples($"{name}: bare ONNX Runtime loop", bare, "ms");
        report.Figure($"{name}: bare loop, calls a second", 1000 / bare.Average(), "/s");

        // 3
        foreach (var binary in new[] { true, false })
        {
            var body = InferBody.Read(Path.Combine(folder, "test_data_set_0"), await InputNamesAsync(platform, model, ct), binary);
            foreach (var clients in new[] { 1, 8 })
            {
                await LoadAsync(platform, model, body, clients, s_warmUp, ct);
                var clock = Stopwatch.StartNew();
                var samples = await LoadAsync(platform, model, body, clients, s_time, ct);
                Print(report, $"{name}: {(binary ? "binary" : "JSON")}, {clients} client{(clients == 1 ? "" : "s")}", samples, clock.Elapsed, bare);
            }
        }
    }

    private static void Print(Report report, string what, List<Timing> samples, TimeSpan time, IReadOnlyList<double> bare)
    {
        var sorted = samples.Select(sample => sample.ClientMs).Order().ToList();
        report.Samples(what, sorted, "ms");
        report.Figure($"{what}: requests a second", samples.Count / time.TotalSeconds, "/s");
        report.Figure($"{what}: p50 to the bare loop's", Report.At(sorted, 0.5) / Report.At([.. bare.Order()], 0.5), "times");
        // 4
        report.Note($"{what}: medians of client {Median(sample => sample.ClientMs):0.###} = runtime {Median(sample => sample.RunMs):0.###} + worker {Median(sample => sample.WorkerMs - sample.RunMs):0.###}"
            + $" + service {Median(sample => sample.ServiceMs - sample.WorkerMs):0.###} + gateway, HTTP, client {Median(sample => sample.ClientMs - sample.ServiceMs):0.###} ms");

        double Median(Func<Timing, double> of) => Report.At([.. samples.Select(of).Order()], 0.5);
    }

    private static async Task<List<Timing>> LoadAsync(Platform platform, string model, InferBody body, int clients, TimeSpan time, CancellationToken ct)
    {
        var each = await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(() => ClientAsync(platform, model, body, time, ct), ct)));
        return [.. each.SelectMany(samples => samples)];
    }

    private static async Task<List<Timing>> ClientAsync(Platform platform, string model, InferBody body, TimeSpan time, CancellationToken ct)
    {
        using var http = platform.Http(platform.AdminToken);
        var samples = new List<Timing>();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < time;)
        {
            var started = Stopwatch.GetTimestamp();
            using var answer = await http.PostAsync($"/v2/models/{model}/infer", body.Content(), ct);
            var bytes = await answer.Content.ReadAsByteArrayAsync(ct);
            var took = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{(int)answer.StatusCode}: {System.Text.Encoding.UTF8.GetString(bytes)}");
            samples.Add(Timing.Of(took, answer.Headers.GetValues("Server-Timing").First()));
        }
        return samples;
    }

    private static async Task<IReadOnlyList<double>> BareLoopAsync(Platform platform, string model, CancellationToken ct)
    {
        var run = await platform.Zoo.JsonAsync("bench", model, "--wait", "--warm-up", "200", "--iterations", "3000");
        using var http = platform.Http(platform.AdminToken);
        var samples = await http.GetFromJsonAsync<JsonElement>($"/api/v1/runs/{run.GetProperty("id").GetString()}/samples", ct);
        return [.. samples.GetProperty("latenciesNs").EnumerateArray().Select(sample => sample.GetInt64() / 1e6)];
    }

    private static async Task<IReadOnlyList<string>> InputNamesAsync(Platform platform, string model, CancellationToken ct)
    {
        using var http = platform.Http(platform.AdminToken);
        var metadata = await http.GetFromJsonAsync<JsonElement>($"/v2/models/{model}", ct);
        return [.. metadata.GetProperty("inputs").EnumerateArray().Select(input => input.GetProperty("name").GetString()!)];
    }
}
