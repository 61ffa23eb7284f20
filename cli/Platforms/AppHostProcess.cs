using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace ZooPlatform.Cli.Platforms;

/// <summary>The AppHost as a process: starts it, asks whether it lives, asks it to stop.</summary>
internal static class AppHostProcess
{
    private const int SigTerm = 15;

    /// <summary>Starts the AppHost in a session of its own, its output in the log.</summary>
    /// <param name="detached">It outlives this command; else it stops when this command is gone, however that ended.</param>
    /// <returns>Its process id, which is also that of the session.</returns>
    public static async Task<int> StartAsync(string appHost, DataFolder data, int port, bool detached, CancellationToken ct)
    {
        Directory.CreateDirectory(
            Path.GetDirectoryName(data.AppHostLog)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // The shell sends the output to the log and tells the id that exec keeps; setsid keeps it too, since a child
        // of a non-interactive shell leads no group.
        var start = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", "setsid dotnet \"$1\" </dev/null >\"$2\" 2>&1 & echo $!", "sh", appHost, data.AppHostLog },
            RedirectStandardOutput = true,
            Environment =
            {
                ["ZOO_DATA"] = data.Path,
                ["ZOO_PORT"] = port.ToString(CultureInfo.InvariantCulture),
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
            },
        };
        if (!detached)
        {
            start.Environment["ZOO_PARENT"] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        }
        using var shell = Process.Start(start)!;
        var pid = await shell.StandardOutput.ReadLineAsync(ct);
        await shell.WaitForExitAsync(ct);
        return int.Parse(pid!, CultureInfo.InvariantCulture);
    }

    /// <summary>The process is there, no zombie, and is an AppHost: process ids are used again.</summary>
    public static bool IsAlive(int pid)
    {
        try
        {
            var commandLine = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/cmdline"));
            return commandLine.Contains("ZooPlatform.AppHost", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Asks it to stop everything and to end.</summary>
    /// <returns>It ended within <paramref name="patience"/>.</returns>
    public static async Task<bool> StopAsync(int pid, TimeSpan patience, TimeProvider time, CancellationToken ct)
    {
        if (IsAlive(pid) && kill(pid, SigTerm) != 0)
        {
            throw new Refusal(
                $"process {pid} cannot be stopped: {Marshal.GetLastPInvokeErrorMessage()}", "stop it as the user who started it");
        }
        var asked = time.GetTimestamp();
        while (IsAlive(pid))
        {
            if (time.GetElapsedTime(asked) > patience)
            {
                return false;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, ct);
        }
        return true;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int pid, int signal);
}
