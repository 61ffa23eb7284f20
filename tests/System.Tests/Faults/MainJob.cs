using System.Diagnostics;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.Faults;

/// <summary>The main job as a person does it by the command line, who repeats what was refused: an organisation, a kit pushed, found,
/// read, measured, served and pulled. Again and again.</summary>
internal sealed class MainJob(RunningZoo running, Journal journal, ITestOutputHelper output)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(150);
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Jobs that came to their end.</summary>
    public int Done { get; private set; }

    /// <summary>Begins no further job once it is cancelled.</summary>
    public async Task RepeatAsync(CancellationToken enough)
    {
        do
        {
            await RunAsync();
            output.WriteLine($"{_clock.Elapsed.TotalSeconds,6:0.0} s  job {++Done} done");
        }
        while (!enough.IsCancellationRequested);
    }

    private async Task RunAsync()
    {
        // A name that was asked for and not acknowledged may be taken: the next attempt asks for another.
        var owner = "";
        await RepeatAsync(() => ["org", "create", owner = $"o{Guid.CreateVersion7():N}"[..20] + Random.Shared.Next(1000, 9999)]);
        journal.Acknowledged($"organisation {owner}", http => http.GetStringAsync($"/api/v1/organisations/{owner}"));

        var word = $"fire{Guid.CreateVersion7().ToString("N")[^10..]}";
        var kit = Kit(word);
        var name = $"{owner}/{word}";
        var pushed = await RepeatAsync(() => ["push", kit, name, "-m", "under fire", "--public"]);
        var revision = pushed.GetProperty("revision").GetString()!;
        foreach (var (path, hash) in Files.Hashes(kit))
        {
            journal.Acknowledged($"{name} {path}", async http =>
                Assert.Equal(hash, Uploads.Hash(await http.GetByteArrayAsync($"/api/v1/repositories/{name}/files/{revision}/{Uri.EscapeDataString(path).Replace("%2F", "/")}"))));
        }

        await RepeatAsync(() => ["search", word], found => found.GetProperty("hits").EnumerateArray().Any(hit => hit.GetProperty("name").GetString() == word));
        await RepeatAsync(() => ["show", name], shown => shown.GetProperty("model").GetProperty("revision").GetString() == revision
            && shown.GetProperty("model").GetProperty("files").EnumerateArray().Any(file =>
                file.GetProperty("path").GetString() == "model.onnx" && file.GetProperty("fit").ValueKind == JsonValueKind.True));
        var run = await RepeatAsync(() => ["bench", name, "--wait", "--iterations", "20"], run => run.GetProperty("status").GetString() == "succeeded");
        journal.Acknowledged($"run of {name}", async http =>
        {
            using var answer = await http.GetAsync($"/api/v1/runs/{run.GetProperty("id").GetString()}");
            Assert.Equal(20, (await answer.ReadJsonAsync()).GetProperty("results").GetProperty("latency").GetProperty("samples").GetInt32());
        });
        await RepeatAsync(() => ["infer", name, "--input", $"image={kit}/test_data_set_0/input_0.pb"],
            answer => answer.GetProperty("outputs")[0].GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt32()).SequenceEqual([1, 10]));

        var pulled = running.NewFolder("pulled");
        await RepeatAsync(() => ["pull", name, pulled]);
        Files.ShouldBeSame(kit, pulled);
        journal.Acknowledged($"{name} in the search", http => Files.EventuallyAsync(TimeSpan.FromSeconds(30), async () =>
            Assert.Contains("\"total\":1", await http.GetStringAsync($"/api/v1/search?q={word}"))));
    }

    private string Kit(string word)
    {
        var kit = running.NewFolder(word);
        var sample = Path.Combine(SharedFolder.Repository, "samples", "digits-cnn-int8");
        File.Copy(Path.Combine(sample, "model.onnx"), Path.Combine(kit, "model.onnx"));
        Directory.CreateDirectory(Path.Combine(kit, "test_data_set_0"));
        Files.Copy(Path.Combine(sample, "test_data_set_0"), Path.Combine(kit, "test_data_set_0"));
        File.WriteAllText(Path.Combine(kit, "README.md"), $"---\nlicense: mit\n---\n# The {word} model\n");
        var weights = new byte[2_000_000];
        Random.Shared.NextBytes(weights);
        File.WriteAllBytes(Path.Combine(kit, "more.bin"), weights);
        return kit;
    }

    /// <summary>Says it again until it succeeds and the answer is as awaited.</summary>
    private async Task<JsonElement> RepeatAsync(Func<string[]> command, Func<JsonElement, bool>? awaited = null)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var said = command();
            var ran = await RunAsync([.. said, "--json"]);
            Assert.DoesNotContain("Unhandled exception", ran.Error);
            Assert.DoesNotContain("   at ", ran.Error);   // a refusal is words, not a stack
            if (ran.ExitCode == 0)
            {
                var answer = JsonDocument.Parse(ran.Output).RootElement;
                if (awaited is null || awaited(answer)) return answer;
            }
            Assert.True(clock.Elapsed < s_patience, $"Not done after {s_patience.TotalSeconds} s: {ran}");
            await Task.Delay(300);
        }
    }

    /// <summary>One call of the command line; one that takes longer than people wait is ended and counts as refused.</summary>
    private async Task<Ran> RunAsync(string[] arguments)
    {
        using var process = running.Zoo.Start(arguments);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            journal.Answered(0, $"nothing for 60 s to zoo {arguments[0]}");
        }
        return new Ran(string.Join(' ', arguments), process.ExitCode, await output, await error);
    }
}
