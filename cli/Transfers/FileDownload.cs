using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats;

namespace ZooPlatform.Cli.Transfers;

/// <summary>Gets one file: what an earlier attempt left, chunks that lie on this machine, the rest from the zoo; checked, then put in place.</summary>
/// <param name="local">Files that may share chunks with it; null: none do.</param>
internal sealed class FileDownload(
    FetchRanges fetch, ReuseChunks reuse, Func<Task<LocalChunks>>? local, TransferProgress progress, Surroundings surroundings)
{
    internal const UnixFileMode ExecuteForAll = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>The file is there with exactly these bytes and this mode.</summary>
    public static async Task<bool> HoldsAsync(string path, TreeEntryView entry, CancellationToken ct)
    {
        while (true)
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length != entry.SizeBytes || (file.UnixFileMode & UnixFileMode.UserExecute) != 0 != entry.Executable)
            {
                return false;
            }
            try
            {
                using var content = File.OpenHandle(path);
                return Convert.ToHexStringLower(await FileHash.Sha256Async(content, entry.SizeBytes, ct: ct)) == entry.Sha256;
            }
            catch (IOException e) when (Durable.IsHeld(e))
            {
                await Task.Delay(Pause, ct);   // another pull is putting it in place
            }
            catch (FileNotFoundException)
            {
                return false;
            }
        }
    }

    /// <exception cref="Refusal">The bytes that came have another hash: nothing was put in place. Or the disk is full.</exception>
    public async Task RunAsync(TreeEntryView entry, string path, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var partial = await PartialFile.OpenAsync(entry, path, () => TellOfAnother(entry), surroundings.Time, ct);
        if (partial is null)
        {
            progress.Resumed(entry.SizeBytes);   // the other pull's work
            return;
        }
        using var file = new ArrivingFile(partial, entry);
        try
        {
            await ArriveAsync(entry, file, path, ct);
        }
        catch (IOException e) when (Durable.IsFull(e))
        {
            file.Keep();
            throw new Refusal(
                $"the disk is full: {entry.Path} needs {Amounts.Bytes(entry.SizeBytes - file.HereBytes)} more", "make room and pull again: it goes on from there", e);
        }
        catch
        {
            file.Keep();
            throw;
        }
        file.PutInPlace(entry.Executable);
    }

    private async Task ArriveAsync(TreeEntryView entry, ArrivingFile file, string path, CancellationToken ct)
    {
        // 1. What an earlier attempt left.
        var (left, reused) = (file.HereBytes, 0L);
        progress.Resumed(left);

        // 2. Chunks that are here in other files, and then the rest; hashed as it becomes whole.
        var actual = await HashedAsync(file, async ct =>
        {
            if (local is not null && entry.SizeBytes >= ArrivingFile.JournalFromBytes && file.Gaps().Count > 0)
            {
                reused = await reuse.RunAsync(entry, file, path, local, ct);
            }
            await fetch.RunAsync(entry, file, ct);
        }, ct);

        // 3. The proof. What was here before may be what is wrong, or it came to harm on its way: then all of it is fetched, at most twice.
        for (var fetched = left + reused > 0 ? 0 : 1; actual != entry.Sha256 && fetched < 2; fetched++)
        {
            progress.Wrong(left, reused, entry.SizeBytes);
            (left, reused) = (0, 0);
            file.Restart();
            actual = await HashedAsync(file, ct => fetch.RunAsync(entry, file, ct), ct);
        }
        if (actual != entry.Sha256)
        {
            file.Restart();
            file.Delete();
            throw new Refusal(
                $"{entry.Path} came twice with SHA-256 {actual}, not {entry.Sha256}; it was thrown away",
                await fetch.IsSoundThereAsync(entry, ct)
                    ? "the zoo's own copy is right, so something on the way changes bytes: pull by https, or from another network"
                    : "the zoo's own copy is damaged, and it knows that now: push the file again, which mends it, or tell the zoo's operator");
        }
    }

    private static async Task<string> HashedAsync(ArrivingFile file, Func<CancellationToken, Task> arrive, CancellationToken ct)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var hashing = Task.Run(() => file.HashAsync(stop.Token), CancellationToken.None);
        try
        {
            await arrive(ct);
        }
        catch
        {
            await stop.CancelAsync();
            await Task.WhenAny(hashing);   // it reads from a file that is closed next
            throw;
        }
        return await hashing;
    }

    private void TellOfAnother(TreeEntryView entry) =>
        surroundings.Error.WriteLine($"note: another pull is fetching {Table.Printable(entry.Path)} into this folder; waiting for it");
}
