using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator.Processes;

/// <summary>Ends the run when the process named by <c>ZOO_PARENT</c> is gone, kill -9 included: who waits for Ctrl+C may not be there to take it.</summary>
internal static class ParentWatch
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public static void Start(IConfiguration configuration, IServiceProvider services, TimeProvider time)
    {
        if (int.TryParse(configuration["ZOO_PARENT"], NumberStyles.None, CultureInfo.InvariantCulture, out var parent))
        {
            _ = WatchAsync(parent, services.GetRequiredService<IHostApplicationLifetime>(), time);
        }
    }

    private static async Task WatchAsync(int parent, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        var identity = ProcessIdentity.Of(parent);
        while (identity is not null && ProcessIdentity.Of(parent) == identity)
        {
            await Task.Delay(Pause, time, lifetime.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (lifetime.ApplicationStopping.IsCancellationRequested)
            {
                return;
            }
        }
        lifetime.StopApplication();
    }
}
