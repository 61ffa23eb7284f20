using ZooPlatform.Artifact.Storage;

namespace ZooPlatform.Artifact.Blobs.Local;

/// <summary>Puts back, before anything else, what a killed sweep held.</summary>
internal sealed class PutBackTaken(LocalBlobs store, ILogger<PutBackTaken> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var files = store.PutBackTaken();
        if (files > 0) logger.TakenFilesPutBack(files);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
