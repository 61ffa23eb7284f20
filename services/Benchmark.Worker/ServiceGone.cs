using System.Runtime.InteropServices;

namespace ZooPlatform.Benchmark.Worker;

/// <summary>Ends this process when the other end of its standard input closes: without its service a worker has no reason to live, not even
/// in the middle of a call into ONNX Runtime that never returns.</summary>
internal static partial class ServiceGone
{
    public static void Watch() => new Thread(Wait) { IsBackground = true, Name = "service gone" }.Start();

    private static void Wait()
    {
        // Nothing is asked for, so that nothing but the end is told: POLLHUP, POLLERR (poll(2)). Less than 1: a signal came between.
        var input = new PollFd { Descriptor = 0 };
        while (Poll(ref input, 1, -1) < 1)
        {
        }

        Environment.Exit(0);
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollFd descriptors, nuint count, int timeoutMs);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Descriptor;
        public short AskedFor;
        public short Happened;
    }
}
