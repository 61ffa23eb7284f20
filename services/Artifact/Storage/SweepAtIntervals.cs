using Microsoft.Extensions.Options;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Sweeps garbage now and then. The first sweep comes an interval after the start, so that a restart is no reason to delete.</summary>
internal sealed class SweepAtIntervals(
    IServiceScopeFactory scopes, TimeProvider time, IOptions<StorageOptions> options, ILogger<SweepAtIntervals> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<AskSweep>().RunAsync(dryRun: false, askedBy: null, stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                logger.SweepBroke(e.Message);
            }
        }
    }
}
