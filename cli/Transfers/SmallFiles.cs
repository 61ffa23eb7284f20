using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Small files travel together: one request for thousands, where each alone would cost one.</summary>
internal static class SmallFiles
{
    private const long SmallBytes = 256 * 1024;

    /// <summary>Fewer are not worth it: alone each is continued where it broke off.</summary>
    private const int Worthwhile = 8;

    private const int MaxFiles = 2500;
    private const long MaxBytes = 16 * 1024 * 1024;

    /// <summary>Splits files into batches of small ones, and the others.</summary>
    public static (IReadOnlyList<IReadOnlyList<T>> Batches, IReadOnlyList<T> Others) Split<T>(IReadOnlyCollection<T> files, Func<T, long> sizeOf)
    {
        var small = files.Where(file => sizeOf(file) <= SmallBytes).ToList();
        if (small.Count < Worthwhile)
        {
            return ([], [.. files]);
        }
        var batches = new List<IReadOnlyList<T>>();
        var batch = new List<T>();
        var bytes = 0L;
        foreach (var file in small)
        {
            if (batch.Count == MaxFiles || bytes + sizeOf(file) > MaxBytes)
            {
                batches.Add(batch);
                (batch, bytes) = ([], 0);
            }
            batch.Add(file);
            bytes += sizeOf(file);
        }
        batches.Add(batch);
        return (batches, [.. files.Where(file => sizeOf(file) > SmallBytes)]);
    }

    /// <summary>Sends blobs; all or none of them arrive.</summary>
    /// <exception cref="Refusal">A file changed while it was sent.</exception>
    public static async Task SendAsync(
        BlobsClient blobs, RepositoryName repository, IReadOnlyList<HashedFile> batch, TransferProgress progress, CancellationToken ct)
    {
        var stored = await blobs.StoreAsync(repository, batch, ct);
        var changed = batch.Zip(stored).FirstOrDefault(pair => pair.First.Sha256 != pair.Second.Sha256).First;
        if (changed is not null || stored.Count != batch.Count)
        {
            throw new Refusal($"{changed?.File.Path ?? "a file"} changed while it was pushed", "push again when nothing writes to the folder");
        }
        progress.Moved(batch.Sum(file => file.File.SizeBytes));
    }

    /// <summary>Gets files; each is checked and put in place whole. Whoever calls makes them durable, all at once.</summary>
    /// <exception cref="Refusal">Other bytes came than the revision holds: nothing was put in place.</exception>
    public static async Task FetchAsync(
        RevisionsClient revisions, RepositoryName repository, string revision, IReadOnlyList<(TreeEntryView File, string Path)> batch,
        TransferProgress progress, TimeProvider time, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)SmallBytes);
        using var answer = await revisions.OpenManyAsync(repository, revision, [.. batch.Select(one => one.File.Path)], ct);
        try
        {
            await using var body = new BufferedStream(await answer.Content.ReadAsStreamAsync(ct), 256 * 1024);
            var folders = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (file, path) in batch)
            {
                var size = await Netstrings.ReadHeadAsync(body, ct);
                if (size != file.SizeBytes)
                {
                    throw new InvalidDataException($"{file.Path} came with {size} bytes");
                }
                var content = buffer.AsMemory(0, (int)file.SizeBytes);
                await body.ReadExactlyAsync(content, ct);
                await Netstrings.ReadTailAsync(body, ct);
                await PutAsync(file, path, content, folders, time, ct);
                progress.Moved(content.Length);
            }
        }
        catch (IOException e) when (Durable.IsFull(e))
        {
            throw new Refusal("the disk is full", "make room and pull again: what is there already is not fetched", e);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or InvalidDataException)
        {
            throw new Refusal($"the zoo broke off while it sent {batch.Count} files: {e.Message}", "pull again: what is there already is not fetched", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task PutAsync(
        TreeEntryView file, string path, ReadOnlyMemory<byte> content, HashSet<string> folders, TimeProvider time, CancellationToken ct)
    {
        var actual = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        if (actual != file.Sha256)
        {
            throw new Refusal($"{file.Path} came with SHA-256 {actual}, not {file.Sha256}; it was thrown away", "pull again; if it happens again tell the zoo's operator");
        }
        var folder = Path.GetDirectoryName(path)!;
        if (folders.Add(folder))
        {
            Directory.CreateDirectory(folder);
        }
        if (NamelessFile.TryPut(folder, path, content.Span, file.Executable))
        {
            return;
        }
        using var partial = await PartialFile.OpenAsync(file, path, () => { }, time, ct);
        if (partial is not null)
        {
            RandomAccess.SetLength(partial.Handle, content.Length);
            RandomAccess.Write(partial.Handle, content.Span, 0);
            partial.Rename(file.Executable);
        }
    }
}

/// <summary>The content of files, one after another, each as a netstring. Nothing is held in memory but a buffer.</summary>
internal sealed class BatchContent(IReadOnlyList<HashedFile> files) : HttpContent
{
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var body = new BufferedStream(stream, 256 * 1024);   // not disposed: the stream is the request's
        var buffer = new byte[files.Max(file => (int)file.File.SizeBytes) + 1];
        foreach (var file in files)
        {
            await body.WriteAsync(Netstrings.Head(file.File.SizeBytes));
            var size = (int)file.File.SizeBytes;
            using (var content = File.OpenHandle(file.File.FullPath))
            {
                var read = 0;
                while (read <= size && RandomAccess.Read(content, buffer.AsSpan(read, size + 1 - read), read) is > 0 and var some)
                {
                    read += some;
                }
                if (read != size)
                {
                    throw new Refusal($"{file.File.Path} changed while it was pushed", "push again when nothing writes to the folder");
                }
            }
            await body.WriteAsync(buffer.AsMemory(0, size));
            body.Write(Netstrings.Tail);
        }
        await body.FlushAsync();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = files.Sum(file => Netstrings.SizeOf(file.File.SizeBytes));
        return true;
    }
}
