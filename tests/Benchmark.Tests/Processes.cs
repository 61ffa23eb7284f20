using System.Diagnostics;

namespace ZooPlatform.Benchmark.Tests;

internal static class Processes
{
    /// <summary>Processes with ONNX Runtime that descend from this one.</summary>
    public static HashSet<int> Workers()
    {
        var workers = new HashSet<int>();
        foreach (var name in Directory.EnumerateDirectories("/proc").Select(Path.GetFileName))
        {
            if (!int.TryParse(name, out var process)) continue;
            try
            {
                var command = File.ReadAllText($"/proc/{process}/cmdline");
                if (!command.Split('\0')[0].EndsWith("/dotnet", StringComparison.Ordinal) || !command.Contains("Benchmark.Worker.dll", StringComparison.Ordinal)) continue;
                for (var parent = process; parent > 1; parent = ParentOf(parent))
                    if (parent == Environment.ProcessId) workers.Add(process);
            }
            catch (IOException)
            {
                // it ended meanwhile
            }
        }
        return workers;
    }

    /// <summary>As <c>kill -9</c> does; nothing when it ended meanwhile.</summary>
    public static void Kill(int process)
    {
        try
        {
            Process.GetProcessById(process).Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // it ended meanwhile
        }
    }

    private static int ParentOf(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 4)..].Split(' ')[0]);
    }
}
