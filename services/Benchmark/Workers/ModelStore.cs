using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Benchmark.Workers;

/// <summary>Model files by their hash, fetched from Artifact, checked, and kept for the next run as long as there is room.</summary>
internal sealed class ModelStore(IHttpClientFactory clients, WorkerFolders folders, IOptions<BenchmarkOptions> options, TimeProvider time)
{
    private const int BufferBytes = 128 * 1024;

    /// <summary>Puts a repository's file into a job.</summary>
    /// <param name="sha256">What its bytes must hash to.</param>
    /// <exception cref="HttpRequestException">Artifact is out of reach, or the file is gone (404).</exception>
    /// <exception cref="InvalidDataException">The bytes are not those that the hash names.</exception>
    public async Task AddAsync(JobFolder job, Guid repository, string revision, string path, string sha256, CancellationToken ct)
    {
        var kept = Path.Combine(folders.Models, sha256);
        if (!File.Exists(kept))
        {
            await FetchAsync(repository, revision, path, sha256, kept, ct);
            MakeRoom(except: kept);
        }

        File.SetLastWriteTimeUtc(kept, time.GetUtcNow().UtcDateTime);
        job.Add(kept, path);
    }

    private async Task FetchAsync(Guid repository, string revision, string path, string sha256, string target, CancellationToken ct)
    {
        var temporary = $"{target}.{Guid.CreateVersion7():N}.part";
        try
        {
            using var artifact = clients.CreateClient(ServiceClients.Own("artifact"));
            var escaped = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
            using var response = await artifact.GetAsync(
                $"/internal/repositories/{repository}/revisions/{revision}/files/{escaped}", HttpCompletionOption.ResponseHeadersRead, ct);
            response.EnsureSuccessStatusCode();

            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using (var body = await response.Content.ReadAsStreamAsync(ct))
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes, useAsync: true))
            {
                var buffer = new byte[BufferBytes];
                for (int read; (read = await body.ReadAsync(buffer, ct)) > 0;)
                {
                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), ct);
                }
            }

            var got = Convert.ToHexStringLower(hash.GetHashAndReset());
            if (got != sha256)
            {
                throw new InvalidDataException($"The bytes of '{path}' hash to {got}, not to {sha256}.");
            }

            File.Move(temporary, target, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private void MakeRoom(string except)
    {
        var files = new DirectoryInfo(folders.Models).GetFiles().OrderByDescending(file => file.LastWriteTimeUtc).ToList();
        var room = options.Value.ModelCacheBytes;
        foreach (var file in files)
        {
            room -= file.Length;
            if (room < 0 && file.FullName != except && file.Extension != ".part")
            {
                file.Delete();
            }
        }
    }
}
