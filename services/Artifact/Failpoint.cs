using System.Diagnostics;

namespace ZooPlatform.Artifact;

/// <summary>Named places at which a test lets the process die as by kill -9. The environment variable <c>ZOO_FAILPOINT</c> names a file, and
/// the file a place: <c>name</c>, or <c>name:n</c> for the n-th time it is reached since. Without the variable nothing happens.</summary>
internal static class Failpoint
{
    private static readonly string? s_file = Environment.GetEnvironmentVariable("ZOO_FAILPOINT");
    private static readonly Lock s_lock = new();
    private static string s_armed = "";
    private static int s_reached;

    public static void Reach(string name)
    {
        if (s_file is null || !IsHere(name)) return;
        using var self = Process.GetCurrentProcess();
        self.Kill();   // SIGKILL
        self.WaitForExit();   // for ever: not a step further
    }

    private static bool IsHere(string name)
    {
        lock (s_lock)
        {
            var armed = File.Exists(s_file) ? File.ReadAllText(s_file) : "";
            if (armed != s_armed) (s_armed, s_reached) = (armed, 0);
            var time = armed.Split(':') is [var place, var count] ? (place, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture)) : (armed, 1);
            return time.Item1 == name && ++s_reached == time.Item2;
        }
    }
}
