using Microsoft.Win32.SafeHandles;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Storage;

/// <summary>Empties <c>temporary/</c> at the start: what a killed process left there is of no worth, whatever it is.</summary>
/// <remarks>Unless another process uses the same folder still, as the old one may while the new one starts: what its requests are writing is
/// among it. Every process holds a lock of the folder, shared; who gets it alone knows that there is no other. What stays then goes once it is old
/// (<see cref="DeleteForgotten"/>).</remarks>
internal sealed class EmptyTemporary(Spool spool, ILogger<EmptyTemporary> logger) : IHostedService, IDisposable
{
    private const int MaxTries = 100;
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);
    private SafeFileHandle? _used;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            using (var alone = spool.TryUse(FileShare.None))
            {
                if (alone is not null && Empty() is > 0 and var entries) logger.TemporaryEmptied(entries);
            }
            // Who is emptying it just now lets go of it soon.
            for (var tries = 0; tries < MaxTries && (_used = spool.TryUse(FileShare.Read)) is null; tries++) await Task.Delay(s_pause, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            logger.DeletingForgottenBroke(e.Message);   // a broken disk still serves what is on it
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;   // requests may still be under way: the lock goes with the process

    public void Dispose() => _used?.Dispose();

    private int Empty()
    {
        var entries = new DirectoryInfo(spool.Temporary).GetFileSystemInfos();
        foreach (var entry in entries) DeleteForgotten.Delete(entry);
        return entries.Length;
    }
}
