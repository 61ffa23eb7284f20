using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure;

/// <summary>What the figures were measured on.</summary>
/// <param name="LoadBefore">Load average of the last minute, read before anything was started: above 0.5 the figures are upper bounds.</param>
internal sealed record Machine(string Processor, int Cores, double MemoryGiB, string System, string Runtime, string Commit, double LoadBefore)
{
    public static async Task<Machine> ReadAsync(CancellationToken ct)
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
        var memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return new Machine(
            processor ?? "unknown processor", Environment.ProcessorCount, Math.Round(double.Parse(memory, CultureInfo.InvariantCulture) / (1 << 20), 1),
            RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, await CommitAsync(ct), double.Parse(load, CultureInfo.InvariantCulture));
    }

    /// <summary>The first line that a program answers, to say its version; <c>unknown</c> when it cannot be run.</summary>
    public static async Task<string> AnswerOfAsync(string program, string[] arguments, CancellationToken ct)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync(ct);
            var output = await process.StandardOutput.ReadToEndAsync(ct);
            var said = output.Length > 0 ? output : await error;
            await process.WaitForExitAsync(ct);
            return said.Split('\n')[0].Trim();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }

    private static async Task<string> CommitAsync(CancellationToken ct)
    {
        var commit = await AnswerOfAsync("git", ["-C", SharedFolder.Repository, "describe", "--always", "--dirty"], ct);
        return commit.StartsWith("fatal", StringComparison.Ordinal) ? "no git" : commit;
    }
}
