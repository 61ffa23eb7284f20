using System.Globalization;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests;

/// <summary>The order in which the kernel hears of a blob: what is acknowledged was durable before.</summary>
public sealed class FsyncTests(ArtifactProcess service) : IClassFixture<ArtifactProcess>
{
    private const string Calls = "pwrite64,fsync,fdatasync,rename,renameat,renameat2,sendto,sendmsg,write,writev";

    [Fact]
    public async Task A_blob_in_one_request_is_durable_before_its_row_and_before_the_answer()
    {
        var repo = await service.ARepositoryAsync();
        var content = UploadTests.RandomBytes(300_000);
        await using var strace = await Strace.WatchAsync(service.Id, Calls);
        var sha256 = await repo.PutBlobAsync(content);
        ShouldBeInOrder(await strace.StopAsync(), "/temporary/", sha256, "insert into blobs", "HTTP/1.1 204");
    }

    [Fact]
    public async Task An_upload_is_durable_before_its_offset_is_told_and_before_its_row_is_committed()
    {
        var repo = await service.ARepositoryAsync();
        var content = UploadTests.RandomBytes(60_000);   // too small to be cut afterwards, which has a COMMIT of its own
        var upload = await UploadTests.CreateAsync(repo, content);
        await using (var half = await Strace.WatchAsync(service.Id, Calls))
        {
            await UploadTests.PatchAsync(repo, upload, 0, content[..20_000]);
            var seen = await half.StopAsync();
            var file = $"/uploads/{upload.Id}";
            InOrder(seen, ("the last write", Last(seen, "pwrite64", file)), ("fsync of the file", Last(seen, "fsync", file)),
                ("fsync of its folder", Last(seen, "fsync", "/uploads>")), ("the offset's row", Last(seen, "send", "update uploads set touched_at")), ("the answer", Last(seen, "send", "HTTP/1.1 200")));
        }
        await using var rest = await Strace.WatchAsync(service.Id, Calls);
        await UploadTests.PatchAsync(repo, upload, 20_000, content[20_000..]);
        ShouldBeInOrder(await rest.StopAsync(), $"/uploads/{upload.Id}", upload.Sha256, "COMMIT", "HTTP/1.1 200");
    }

    [Fact]
    public async Task Bytes_whose_fsync_fails_are_not_acknowledged()
    {
        var repo = await service.ARepositoryAsync();
        var content = UploadTests.RandomBytes(300_000);
        var upload = await UploadTests.CreateAsync(repo, content);
        await UploadTests.PatchAsync(repo, upload, 0, content[..100_000]);
        await using (await Strace.BreakAsync(service.Id, "fsync", "EIO"))
        {
            await UploadTests.SendAsync(repo, upload, "100000", content[100_000..]).ShouldBeProblemAsync(503, "disk.broken");
            await repo.Http.PutAsync($"{repo.Url}/blobs/{upload.Sha256}", new ByteArrayContent(content)).ShouldBeProblemAsync(503, "disk.broken");
        }
        Assert.Equal("100000", await UploadTests.HeadAsync(repo, upload));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(service.DataFolder, "artifact", "temporary")));
        Assert.False(File.Exists(Path.Combine(service.DataFolder, "artifact", "blobs", upload.Sha256[..2], upload.Sha256[2..4], upload.Sha256)));
        Assert.True((await UploadTests.PatchAsync(repo, upload, 100_000, content[100_000..])).Complete);
        await repo.CommitAsync(null, "x", new FileOperation("w.bin", upload.Sha256));
    }

    /// <summary>Beside <see cref="DiskTests"/>, which fill a real disk, for machines where nothing can be mounted: here the kernel's answer is strace's.</summary>
    [Fact]
    public async Task A_write_that_finds_no_room_is_told_as_a_full_disk_and_leaves_nothing()
    {
        var repo = await service.ARepositoryAsync();
        var content = UploadTests.RandomBytes(300_000);
        var upload = await UploadTests.CreateAsync(repo, content);
        await UploadTests.PatchAsync(repo, upload, 0, content[..100_000]);
        await using (await Strace.BreakAsync(service.Id, "pwrite64", "ENOSPC"))
        {
            await UploadTests.SendAsync(repo, upload, "100000", content[100_000..]).ShouldBeProblemAsync(507, "disk.full");
            await repo.Http.PutAsync($"{repo.Url}/blobs/{upload.Sha256}", new ByteArrayContent(content)).ShouldBeProblemAsync(507, "disk.full");
        }
        Assert.Equal("100000", await UploadTests.HeadAsync(repo, upload));
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(service.DataFolder, "artifact", "temporary")));
        Assert.True((await UploadTests.PatchAsync(repo, upload, 100_000, content[100_000..])).Complete);
    }

    /// <param name="source">Where the bytes came in, as part of a path.</param>
    /// <param name="row">What says to PostgreSQL that the blob is there.</param>
    private static void ShouldBeInOrder(IReadOnlyList<string> seen, string source, string sha256, string row, string answer)
    {
        var folder = $"/blobs/{sha256[..2]}/{sha256[2..4]}>";
        InOrder(seen,
            ("the last write", Last(seen, "pwrite64", source)),
            ("fsync of the file", Last(seen, "fsync", source)),
            ("rename to its place", Last(seen, "rename", sha256)),
            ("fsync of its folder", Last(seen, "fsync", folder)),
            ("the row", Last(seen, "send", row)),
            ("the answer", Last(seen, "send", answer)));
    }

    private static void InOrder(IReadOnlyList<string> seen, params (string What, int Line)[] events)
    {
        var log = string.Join('\n', seen.Select((line, i) => $"{i}: {(line.Length > 220 ? line[..220] : line)}"));
        foreach (var (what, line) in events) Assert.True(line >= 0, $"There was no {what}:\n{log}");
        foreach (var ((earlier, at), (later, then)) in events.Zip(events.Skip(1)))
            Assert.True(at < then, string.Create(CultureInfo.InvariantCulture, $"{earlier} (line {at}) was not before {later} (line {then}):\n{log}"));
    }

    /// <summary>The last line of a call that names something. Disk calls count when they are done, others when they begin.</summary>
    private static int Last(IReadOnlyList<string> seen, string call, string named)
    {
        for (var i = seen.Count - 1; i >= 0; i--)
        {
            if (!seen[i].Contains(call, StringComparison.Ordinal) || !seen[i].Contains(named, StringComparison.Ordinal)) continue;
            if (call == "send" || !seen[i].Contains("<unfinished ...>", StringComparison.Ordinal)) return i;
            // "4711 fsync(7</x> <unfinished ...>" is done at "4711 <... fsync resumed>) = 0"
            var thread = seen[i].Split(' ')[0];
            for (var done = i + 1; done < seen.Count; done++)
                if (seen[done].StartsWith($"{thread} ", StringComparison.Ordinal) && seen[done].Contains("resumed>", StringComparison.Ordinal)) return done;
        }
        return -1;
    }
}
