using System.Diagnostics;
using System.Text.Json;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole;

/// <summary>The sample kits, as the running zoo that was started with them shows and runs them.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class SampleTests(RunningZoo running)
{
    private static string[] Kits => [.. Directory.GetDirectories(Path.Combine(SharedFolder.Repository, "samples"))];

    /// <summary>Each kit has its default run, which compares with the recorded outputs; the damaged one's are recorded with their NaN.</summary>
    [Fact]
    public async Task Every_sample_computes_what_was_recorded_for_it()
    {
        using var http = running.Http(null);
        foreach (var kit in Kits.Select(path => Path.GetFileName(path)))
        {
            await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () =>
            {
                using var runs = JsonDocument.Parse(await http.GetStringAsync($"/api/v1/runs?repository=samples/{kit}"));
                var run = runs.RootElement.GetProperty("items").EnumerateArray().FirstOrDefault();
                Assert.Equal(JsonValueKind.Object, run.ValueKind);
                Assert.Equal("succeeded", run.GetProperty("status").GetString());
                var accuracy = run.GetProperty("results").GetProperty("accuracy");
                Assert.True(accuracy.GetProperty("passed").GetBoolean(), $"{kit}: {accuracy}");
                Assert.Equal(3, accuracy.GetProperty("sets").GetInt32());
            });
        }
    }

    [Fact]
    public async Task The_family_of_samples_is_told_with_what_was_measured()
    {
        using var http = running.Http(null);
        await Files.EventuallyAsync(TimeSpan.FromSeconds(60), async () =>
        {
            using var family = JsonDocument.Parse(await http.GetStringAsync("/api/v1/lineage/samples/digits-cnn-int8"));
            var models = family.RootElement.GetProperty("models").EnumerateArray().Where(model => model.GetProperty("owner").GetString() == "samples").ToList();
            Assert.Equal(["digits-cnn", "digits-cnn-damaged", "digits-cnn-int8", "digits-cnn-pruned", "digits-cnn-pruned-int8"], models.Select(model => model.GetProperty("name").GetString()));
            Assert.All(models, model => Assert.Equal(JsonValueKind.Number, model.GetProperty("latencyP50Ms").ValueKind));
            Assert.Equal([0, 1, 0, 0, 0], models.Select(model => model.GetProperty("findings").GetInt32()));
        });
        var home = await http.GetStringAsync("/");
        Assert.Contains("/samples/digits-cnn-pruned-int8", home);
    }

    /// <summary>Code in the notebooks is true of this zoo: it runs, and prints what it printed when it was recorded.</summary>
    [Fact]
    public async Task The_notebooks_code_runs_against_the_zoo_and_says_what_it_said()
    {
        foreach (var file in Kits.SelectMany(kit => Directory.GetFiles(kit, "*.ipynb")))
        {
            using var notebook = JsonDocument.Parse(await File.ReadAllBytesAsync(file));
            var cells = notebook.RootElement.GetProperty("cells").EnumerateArray().Where(cell => cell.GetProperty("cell_type").GetString() == "code").ToList();
            // Jupyter's last expression is shown by Jupyter; here its picture is only made.
            var program = "import sys, types\nipython, display = types.ModuleType('IPython'), types.ModuleType('IPython.display')\ndisplay.Image = lambda data: data\n"
                + "sys.modules.update({'IPython': ipython, 'IPython.display': display})\n" + string.Join("\nprint('--- next cell')\n", cells.Select(cell => Lines(cell, "source")));
            var printed = await PythonAsync(program);
            var recorded = string.Join("--- next cell\n", cells.Select(cell =>
                string.Concat(cell.GetProperty("outputs").EnumerateArray().Where(output => output.GetProperty("output_type").GetString() == "stream").Select(output => Lines(output, "text")))));
            Assert.Equal(WithoutFractions(recorded), WithoutFractions(printed));
        }
    }

    private static string Lines(JsonElement from, string name) => string.Concat(from.GetProperty(name).EnumerateArray().Select(line => line.GetString()));

    private async Task<string> PythonAsync(string program)
    {
        using var python = Process.Start(new ProcessStartInfo("python3", ["-"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { ["ZOO_URL"] = running.Url, ["ZOO_TOKEN"] = running.AdminToken, ["PYTHONIOENCODING"] = "utf-8" },
        })!;
        await python.StandardInput.WriteAsync(program);
        python.StandardInput.Close();
        var output = python.StandardOutput.ReadToEndAsync();
        var error = await python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.True(python.ExitCode == 0, error);
        return await output;
    }

    // Another processor may round the last digits otherwise.
    private static string WithoutFractions(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"(?<=\d)\.\d+", "");
}
