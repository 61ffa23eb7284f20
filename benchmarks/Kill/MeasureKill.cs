using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Kill;

/// <summary>Kills Artifact 3,000 times while clients push, and looks each time whether what it acknowledged is there: the test
/// <c>KillTests</c>, for longer. <c>ZOO_KILL_TRIALS</c> sets another number, <c>ZOO_KILL_SEED</c> repeats a run.</summary>
internal static partial class MeasureKill
{
    private const string Trials = "ZOO_KILL_TRIALS";

    public static async Task RunAsync(Report report, CancellationToken ct)
    {
        var project = Path.Combine(SharedFolder.Repository, "tests", "Artifact.Tests", "Artifact.Tests.csproj");
        var trials = Environment.GetEnvironmentVariable(Trials) ?? "3000";
        var clock = Stopwatch.StartNew();
        var start = new ProcessStartInfo("dotnet", ["test", project, "-c", Zoo.Configuration, "--nologo", "--filter", "FullyQualifiedName~KillTests.Two_hundred"])
        {
            RedirectStandardOutput = true, Environment = { [Trials] = trials },
        };
        using var test = Process.Start(start)!;
        var output = await test.StandardOutput.ReadToEndAsync(ct);
        await test.WaitForExitAsync(ct);
        report.Figure("kills", double.Parse(trials, CultureInfo.InvariantCulture), "");
        report.Figure("time", clock.Elapsed.TotalSeconds, "s");
        report.Figure("lost, wrong or partly visible", test.ExitCode == 0 && Passed().IsMatch(output) ? 0 : 1, "", "0");
        if (test.ExitCode != 0) report.Note(output);
    }

    [GeneratedRegex(@"Passed:\s+1\b")]
    private static partial Regex Passed();
}
