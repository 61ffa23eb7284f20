using System.Diagnostics;

namespace ZooPlatform.LocalOrchestrator.Servers;

/// <summary>A short program run to its end.</summary>
internal static class Command
{
    /// <returns>What it wrote to standard output.</returns>
    /// <exception cref="DistributedApplicationException">It is missing, or failed; the message quotes what it said.</exception>
    public static async Task<string> RunAsync(string fileName, IEnumerable<string> arguments, CancellationToken ct)
    {
        var start = new ProcessStartInfo(fileName, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Start(start);
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var error = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
        {
            throw new DistributedApplicationException($"{fileName} failed with code {process.ExitCode}: {(await error + await output).Trim()}");
        }
        return await output;
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new DistributedApplicationException($"{start.FileName} cannot be started: {e.Message}.");
        }
    }
}
