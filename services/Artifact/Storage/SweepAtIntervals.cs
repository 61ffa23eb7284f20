using Microsoft.Extensions.Options;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Sweeps garbage now and then. The first sweep comes an interval after the start, so that a restart is no reason to delete.</summary>
internal sealed class SweepAtIntervals(
    IServiceScopeFactory scopes, TimeProvider time, IOptions<StorageOptions> options, ILogger<SweepAtIntervals> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => time.EveryAsync(options.Value.SweepInterval, async ct =>
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AskSweep>().RunAsync(dryRun: false, askedBy: null, ct);
    }, e => logger.SweepBroke(e.Message), stoppingToken, atOnce: false);
}
