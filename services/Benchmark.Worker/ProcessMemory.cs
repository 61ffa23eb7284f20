using System.Globalization;

namespace ZooPlatform.Benchmark.Worker;

/// <summary>What the kernel says this process occupies (proc_pid_status(5)).</summary>
internal static class ProcessMemory
{
    /// <summary>Highest resident set so far, in bytes.</summary>
    public static long PeakBytes() => Read("VmHWM:");

    /// <summary>Resident set now, in bytes.</summary>
    public static long ResidentBytes() => Read("VmRSS:");

    private static long Read(string field)
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        var kilobytes = line[field.Length..].Replace("kB", "", StringComparison.Ordinal);
        return long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024;
    }
}
