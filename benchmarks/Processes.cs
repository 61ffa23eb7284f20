using System.Globalization;

namespace ZooPlatform.Measure;

/// <summary>A process and all that descend from it: what each holds, and how long it worked.</summary>
internal static class Processes
{
    /// <summary>Memory of a process in MiB: <c>Resident</c> counts pages that processes share in each of them, <c>Proportional</c> once over all.</summary>
    internal sealed record Held(int Process, string Command, double ResidentMiB, double ProportionalMiB);

    public static IReadOnlyList<Held> Tree(int root) => [.. Tests.Support.Processes.WithDescendants(root).Select(Read).OfType<Held>()];

    /// <summary>Processor time of a process so far, user and system, in seconds; zero when it ended meanwhile.</summary>
    public static double ProcessorSeconds(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / 100;   // ticks
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static Held? Read(int process)
    {
        try
        {
            var fields = File.ReadLines($"/proc/{process}/smaps_rollup").Skip(1).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(parts => parts.Length > 1).DistinctBy(parts => parts[0]).ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture) / 1024);
            var command = File.ReadAllText($"/proc/{process}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
            var assembly = command.FirstOrDefault(word => word.EndsWith(".dll", StringComparison.Ordinal)) ?? command.FirstOrDefault() ?? "";
            return new Held(process, Path.GetFileName(assembly.Split(' ')[0]), fields["Rss:"], fields["Pss:"]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;   // it ended meanwhile
        }
    }
}
