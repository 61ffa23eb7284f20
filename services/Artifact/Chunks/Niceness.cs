using System.Runtime.InteropServices;

namespace ZooPlatform.Artifact.Chunks;

/// <summary>How much of the processor a thread leaves to others. .NET's own priorities do nothing on Linux.</summary>
internal static partial class Niceness
{
    private const int OfAThread = 0, Calling = 0, Lowest = 19;

    /// <summary>Lets everybody else go first. It stays so: for threads that end with their work.</summary>
    public static void OfThisThread() => _ = setpriority(OfAThread, Calling, Lowest);   // refused, it is merely less polite

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int setpriority(int which, int who, int priority);
}
