using System.Runtime.InteropServices;

namespace ZooPlatform.LocalOrchestrator.Processes;

/// <summary>The Linux signals in use, by number.</summary>
internal enum Signal
{
    Int = 2,
    Quit = 3,
    Kill = 9,
    Term = 15,
}

internal static partial class Signals
{
    /// <summary>Signals a process and all of its group. A group that is already gone is no error.</summary>
    public static void SendToGroup(int leader, Signal signal) => _ = Kill(-leader, (int)signal);

    /// <summary>Signals one process. One that is already gone is no error.</summary>
    public static void Send(int pid, Signal signal) => _ = Kill(pid, (int)signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
