using System.Collections.Concurrent;
using System.Diagnostics;

namespace ZooPlatform.Benchmark.Workers;

/// <summary>
/// Starts every worker from one thread that lives as long as the service: Linux sends the parent-death signal when the
/// <em>thread</em> that forked ends, and a pool thread ends whenever it is idle.
/// </summary>
internal static class ForkThread
{
    private static readonly BlockingCollection<Action> s_work = [];

    static ForkThread() => new Thread(Loop) { IsBackground = true, Name = "fork" }.Start();

    /// <exception cref="System.ComponentModel.Win32Exception">The program does not exist or may not be run.</exception>
    public static Task<Process> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_work.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start) ?? throw new InvalidOperationException("The worker did not start."));
            }
            catch (Exception e)
            {
                started.SetException(e);
            }
        });
        return started.Task;
    }

    private static void Loop()
    {
        foreach (var action in s_work.GetConsumingEnumerable()) action();
    }
}
