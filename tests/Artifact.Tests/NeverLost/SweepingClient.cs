using System.Security.Cryptography;
using ZooPlatform.Artifact.Tests.Support;

namespace ZooPlatform.Artifact.Tests.NeverLost;

/// <summary>Sends files that it gives up, as if long ago, and has them swept: bytes that others send meanwhile and keep.</summary>
internal sealed class SweepingClient(ArtifactProcess service, Repo repo)
{
    private const int AtOnce = 6, FileBytes = 3_000;
    private volatile byte[][] _given = [];

    /// <summary>How many blobs the sweeps took.</summary>
    public int Swept { get; private set; }

    /// <summary>One of the files given up of late; null: there are none yet.</summary>
    public byte[]? Pick(Random random) => _given is { Length: > 0 } given ? given[random.Next(given.Length)] : null;

    public async Task WorkAsync()
    {
        using var admin = service.AnAdministrator();
        try
        {
            using (await repo.Http.GetAsync(repo.Url)) { }   // connections of before the last kill are found dead here
            using (await admin.GetAsync("/health")) { }
            while (true)
            {
                byte[][] made = [.. Enumerable.Range(0, AtOnce).Select(_ => RandomNumberGenerator.GetBytes(FileBytes))];
                foreach (var content in made) await repo.PutBlobAsync(content);
                _given = [.. made, .. _given.Take(AtOnce)];
                // One row at a time: others lock several.
                foreach (var hash in _given.Select(Repo.Hash))
                {
                    await service.ExecuteAsync($"update staged_blobs set staged_at = staged_at - interval '8 days' where repository_id = '{repo.View.Id}' and sha256 = '{hash}'");
                    await service.ExecuteAsync($"update blobs set kept_at = kept_at - interval '8 days' where sha256 = '{hash}'");
                }
                Swept += (await admin.SweepAsync()).BlobCount;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // the service died
        }
    }
}
