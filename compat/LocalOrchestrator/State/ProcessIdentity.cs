using System.Globalization;

namespace ZooPlatform.LocalOrchestrator.State;

/// <summary>Tells a process from a later one that got the same id.</summary>
internal static class ProcessIdentity
{
    private static readonly string _boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>The boot and the clock tick at which the process started; null when there is no such process.</summary>
    public static string? Of(int pid)
    {
        try
        {
            // proc(5): the command is in parentheses and may hold anything; the start time is field 22.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var isZombie = fields[0] == "Z";
            return isZombie ? null : $"{_boot}/{fields[19]}";
        }
        catch (IOException)
        {
            return null;
        }
    }
}
