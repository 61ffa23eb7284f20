using System.Net;
using System.Security.Cryptography;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Gets one file: into <c>NAME.SHA256.partial</c> beside its place, checked, then renamed.</summary>
internal sealed class FileDownload(
    RevisionsClient revisions, RepositoryName repository, string revision, TransferProgress progress, TimeProvider time)
{
    private const int BufferBytes = 256 * 1024;
    private const int AttemptsWithoutProgress = 5;

    internal const UnixFileMode ExecuteForAll = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The file is there with exactly these bytes and this mode.</summary>
    public static async Task<bool> HoldsAsync(string path, TreeEntryView entry, CancellationToken ct)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length != entry.SizeBytes || (file.UnixFileMode & UnixFileMode.UserExecute) != 0 != entry.Executable)
        {
            return false;
        }
        await using var content = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct)) == entry.Sha256;
    }

    /// <exception cref="Refusal">The bytes that came have another hash: nothing was put in place.</exception>
    public async Task RunAsync(TreeEntryView entry, string path, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = $"{path}.{entry.Sha256}.partial";
        await using (var file = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            // 1. What an earlier attempt left counts for the hash.
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await ContinueAsync(file, hash, entry.SizeBytes, ct);
            var left = file.Position;
            progress.Resumed(left);

            // 2. The rest.
            await FetchAsync(entry, file, hash, ct);

            // 3. The proof. If what was left is what is wrong, the whole file is fetched again.
            var actual = Convert.ToHexStringLower(hash.GetHashAndReset());
            if (actual != entry.Sha256 && left > 0)
            {
                file.SetLength(0);
                await FetchAsync(entry, file, hash, ct);
                actual = Convert.ToHexStringLower(hash.GetHashAndReset());
            }
            if (actual != entry.Sha256)
            {
                file.SetLength(0);
                throw new Refusal(
                    $"{entry.Path} came with SHA-256 {actual}, not {entry.Sha256}; it was thrown away",
                    "pull again; if it happens again tell the zoo's operator");
            }
            if (entry.Executable)
            {
                File.SetUnixFileMode(file.SafeFileHandle, File.GetUnixFileMode(file.SafeFileHandle) | ExecuteForAll);
            }
            file.Flush(flushToDisk: true);
        }
        File.Move(partial, path, overwrite: true);
    }

    private static async Task ContinueAsync(FileStream file, IncrementalHash hash, long sizeBytes, CancellationToken ct)
    {
        if (file.Length > sizeBytes)
        {
            file.SetLength(0);
        }
        var buffer = new byte[BufferBytes];
        for (int read; (read = await file.ReadAsync(buffer, ct)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }
    }

    private async Task FetchAsync(TreeEntryView entry, FileStream file, IncrementalHash hash, CancellationToken ct)
    {
        for (var fruitless = 0; file.Position < entry.SizeBytes;)
        {
            var before = file.Position;
            try
            {
                using var answer = await revisions.OpenAsync(repository, revision, entry.Path, before, ct);
                if (before > 0 && answer.StatusCode != HttpStatusCode.PartialContent)
                {
                    throw new Refusal($"the zoo answers no ranges for {entry.Path}", $"delete {file.Name} and pull again");
                }
                await CopyAsync(answer, file, hash, entry.SizeBytes, ct);
            }
            catch (Exception e) when (e is ZooUnreachable or ApiRefusal { Status: 502 or 503 or 504 } && ++fruitless < AttemptsWithoutProgress)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300 * (1 << fruitless)), time, ct);
            }
            if (file.Position > before)
            {
                fruitless = 0;
            }
            else if (++fruitless >= AttemptsWithoutProgress)
            {
                throw new Refusal($"{entry.Path} does not get further than {Amounts.Bytes(before)}", "pull again: it goes on from there");
            }
        }
    }

    private async Task CopyAsync(HttpResponseMessage answer, FileStream file, IncrementalHash hash, long sizeBytes, CancellationToken ct)
    {
        await using var content = await answer.Content.ReadAsStreamAsync(ct);
        var buffer = new byte[BufferBytes];
        for (int read; (read = await ReadAsync(content, buffer, ct)) > 0;)
        {
            if (file.Position + read > sizeBytes)
            {
                throw new Refusal($"more than {sizeBytes} bytes came for {Path.GetFileName(file.Name)}", "pull again; then tell the zoo's operator");
            }
            await file.WriteAsync(buffer.AsMemory(0, read), ct);
            hash.AppendData(buffer, 0, read);
            progress.Moved(read);
        }
    }

    /// <summary>0 when the content ends or the connection is lost: what came so far is good, the rest is asked for again.</summary>
    private static async Task<int> ReadAsync(Stream content, byte[] buffer, CancellationToken ct)
    {
        try
        {
            return await content.ReadAsync(buffer, ct);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return 0;
        }
    }
}
