using ZooPlatform.Artifact.Uploads;
using ZooPlatform.Artifact.Xet;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Every ten minutes deletes uploads and xorbs that nobody went on with, and files that nothing owns.</summary>
internal sealed class DeleteIdle(IServiceScopeFactory scopes, TimeProvider time, ILogger<DeleteIdle> logger) : BackgroundService
{
    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_period, time);
        do
        {
            await TryAsync<DeleteIdleUploads>(verb => verb.RunAsync(stoppingToken), stoppingToken);
            await TryAsync<DeleteIdleXorbs>(verb => verb.RunAsync(stoppingToken), stoppingToken);
            await TryAsync<DeleteForgotten>(verb => verb.RunAsync(stoppingToken), stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>What breaks one does not keep the others from it.</summary>
    private async Task TryAsync<T>(Func<T, Task> run, CancellationToken ct) where T : notnull
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await run(scope.ServiceProvider.GetRequiredService<T>());
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            logger.DeletingForgottenBroke(e.Message);
        }
    }
}
