using System.Runtime.InteropServices;
using System.Text;

namespace ZooPlatform.Tests.Support;

/// <summary>Processes of this machine, as the kernel tells them.</summary>
public static class Processes
{
    public const int Kill = 9;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>A process and all that descend from it.</summary>
    public static List<int> WithDescendants(int root)
    {
        var children = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _))
            .Select(name => (Id: int.Parse(name!), Parent: ParentOf(int.Parse(name!)))).ToLookup(pair => pair.Parent, pair => pair.Id);
        var all = new List<int> { root };
        for (var i = 0; i < all.Count; i++) all.AddRange(children[all[i]]);
        return all;
    }

    /// <summary>What a process was started as; empty when it is gone, or a zombie.</summary>
    public static string CommandLineOf(int process)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{process}/cmdline")).Replace('\0', ' ').Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    public static bool Lives(int process) => CommandLineOf(process).Length > 0;

    /// <summary>Signals a process. One that is gone is no error: it may just have ended.</summary>
    public static void Signal(int process, int signal) => _ = kill(process, signal);

    private static int ParentOf(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0]);
        }
        catch (IOException)
        {
            return 0;   // it ended meanwhile
        }
    }

    [DllImport("libc")]
    private static extern int kill(int process, int signal);
}
