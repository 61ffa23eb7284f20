using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Npgsql;
using ZooPlatform.Artifact.Archives;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Archives;

/// <summary>Unpacked by Debian's tar and unzip, and by Python's zipfile.</summary>
[Collection(ReadersOnOneApp.Name)]
public sealed class ArchiveTests(ArtifactApp app)
{
    private static readonly string s_long = string.Concat(Enumerable.Repeat("folder-name/", 12)) + "file.txt";

    [Theory]
    [InlineData("tar", "tar -xf")]
    [InlineData("tar.gz", "tar -xzf")]
    [InlineData("zip", "unzip -q")]
    [InlineData("zip", "python3 -m zipfile -e")]
    public async Task An_archive_unpacks_to_the_revision_byte_for_byte(string format, string unpack)
    {
        var (repo, revision, files) = await AKitAsync();
        using var tool = new Tool();
        using var answer = await repo.Http.GetAsync($"{repo.Url}/archive/main.{format}");
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(revision.Id, answer.Headers.GetValues("X-Revision").Single());
        var stem = $"{repo.View.Name}-{revision.Id[..7]}";
        Assert.Equal($"{stem}.{format}", answer.Content.Headers.ContentDisposition?.FileName);
        await File.WriteAllBytesAsync(tool.At("archive"), await answer.Content.ReadAsByteArrayAsync());

        await tool.RunAsync("sh", "-c", $"{unpack} archive{(unpack.StartsWith("python", StringComparison.Ordinal) ? " ." : "")}");

        var unpacked = Directory.EnumerateFiles(tool.At(stem), "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(tool.At(stem), path)).ToList();
        Assert.Equal(files.Keys.Order(StringComparer.Ordinal), unpacked.Order(StringComparer.Ordinal));
        foreach (var (path, content) in files) Assert.Equal(content, await File.ReadAllBytesAsync(tool.At(stem, path)));
        if (unpack.StartsWith("python", StringComparison.Ordinal)) return;   // it keeps no modes
        Assert.True(File.GetUnixFileMode(tool.At(stem, "run")).HasFlag(UnixFileMode.UserExecute));
        Assert.False(File.GetUnixFileMode(tool.At(stem, "README.md")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal(revision.CreatedAt.UtcDateTime, File.GetLastWriteTimeUtc(tool.At(stem, "model.onnx")));
    }

    [Fact]
    public async Task Archives_name_no_owner()
    {
        var (repo, _, _) = await AKitAsync();
        using var tool = new Tool();
        await File.WriteAllBytesAsync(tool.At("archive"), await repo.Http.GetByteArrayAsync($"{repo.Url}/archive/main.tar"));
        var listed = await tool.RunAsync("tar", "-tvf", "archive");
        Assert.All(listed.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(" 0/0 ", line, StringComparison.Ordinal));
        Assert.Contains("-rwxr-xr-x", listed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tar")]
    [InlineData("zip")]
    public async Task Ranges_put_together_are_the_whole(string format)
    {
        var (repo, revision, _) = await AKitAsync();
        var url = $"{repo.Url}/archive/{revision.Id}.{format}";
        using var head = await repo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, url));
        await head.ShouldBeAsync(HttpStatusCode.OK);
        var length = head.Content.Headers.ContentLength!.Value;
        Assert.False(head.Headers.ETag!.IsWeak);

        // Ranges first: no sum of a file is known yet.
        var stitched = new MemoryStream();
        for (long from = 0; from < length; from += 9_973)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(from, Math.Min(from + 9_973, length) - 1), IfRange = new(head.Headers.ETag) } };
            using var part = await repo.Http.SendAsync(request);
            await part.ShouldBeAsync(HttpStatusCode.PartialContent);
            await part.Content.CopyToAsync(stitched);
        }
        using var whole = await repo.Http.GetAsync(url);
        Assert.Equal(length, whole.Content.Headers.ContentLength);
        Assert.Equal(await whole.Content.ReadAsByteArrayAsync(), stitched.ToArray());

        using var known = await repo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, url) { Headers = { IfNoneMatch = { head.Headers.ETag } } });
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        using var beyond = await repo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(length, null) } });
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);
    }

    [Fact]
    public async Task A_download_that_broke_off_goes_on_with_curl()
    {
        var (repo, _, _) = await AKitAsync(Visibility.Public);
        var url = new Uri(repo.Http.BaseAddress!, $"{repo.Url}/archive/main.zip").ToString();
        var whole = await repo.Http.GetByteArrayAsync(url);
        using var tool = new Tool();
        await File.WriteAllBytesAsync(tool.At("kit.zip"), whole[..30_000]);
        await tool.RunAsync("curl", "-sf", "-C", "-", "-H", $"Authorization: {repo.Http.DefaultRequestHeaders.Authorization}", "-o", "kit.zip", url);
        Assert.Equal(whole, await File.ReadAllBytesAsync(tool.At("kit.zip")));
    }

    [Fact]
    public async Task The_same_revision_gives_the_same_bytes()
    {
        var (repo, revision, _) = await AKitAsync();
        foreach (var format in new[] { "tar", "tar.gz", "zip" })
            Assert.Equal(await repo.Http.GetByteArrayAsync($"{repo.Url}/archive/main.{format}"), await repo.Http.GetByteArrayAsync($"{repo.Url}/archive/{revision.Id}.{format}"));
    }

    [Fact]
    public async Task One_folder_comes_alone_under_its_own_path()
    {
        var (repo, revision, files) = await AKitAsync();
        using var tool = new Tool();
        await File.WriteAllBytesAsync(tool.At("archive"), await repo.Http.GetByteArrayAsync($"{repo.Url}/archive/main.tar?path=sub"));
        await tool.RunAsync("tar", "-xf", "archive");
        var path = Assert.Single(Directory.EnumerateFiles(tool.At($"{repo.View.Name}-{revision.Id[..7]}"), "*", SearchOption.AllDirectories));
        Assert.EndsWith("/sub/weights.bin", path, StringComparison.Ordinal);
        Assert.Equal(files["sub/weights.bin"], await File.ReadAllBytesAsync(path));
        await repo.Http.GetAsync($"{repo.Url}/archive/main.tar?path=nothing").ShouldBeProblemAsync(404, "folder.unknown");
        await repo.Http.GetAsync($"{repo.Url}/archive/main.tar?path=../..").ShouldBeProblemAsync(404, "folder.unknown");
    }

    [Fact]
    public async Task A_model_comes_with_its_external_data_as_SparseZoo_had_it()
    {
        var (_, repo) = await app.ARepositoryAsync();
        byte[] model = UploadTests.RandomBytes(5000), data = UploadTests.RandomBytes(7000);
        await repo.PushAsync(null, ("model.onnx", model), ("model.data", data), ("model.onnx_data_1", data), ("README.md", "x".Utf8()), ("deployment/model.onnx", data), ("other/a.txt", "x".Utf8()));
        using var tool = new Tool();
        async Task<string> ListAsync(string query)
        {
            using var answer = await repo.Http.GetAsync($"{repo.Url}/archive/main/model.onnx.tar.gz{query}");
            await answer.ShouldBeAsync(HttpStatusCode.OK);
            Assert.Equal("model.onnx.tar.gz", answer.Content.Headers.ContentDisposition?.FileName);
            await File.WriteAllBytesAsync(tool.At("archive"), await answer.Content.ReadAsByteArrayAsync());
            return await tool.RunAsync("tar", "-xzvf", "archive");
        }
        Assert.Equal("model.data\nmodel.onnx\nmodel.onnx_data_1\n", await ListAsync(""));
        Assert.Equal(model, await File.ReadAllBytesAsync(tool.At("model.onnx")));
        Assert.Equal("model.onnx\n", await ListAsync("?path=deployment"));
        Assert.Equal(data, await File.ReadAllBytesAsync(tool.At("model.onnx")));
        await repo.Http.GetAsync($"{repo.Url}/archive/main/model.onnx.tar.gz?path=other").ShouldBeProblemAsync(404, "archive.no-model");
    }

    [Theory]
    [InlineData("main", "archive.format-unknown")]
    [InlineData(".zip", "archive.format-unknown")]
    [InlineData("main.rar", "archive.format-unknown")]
    [InlineData("nothing.zip", "revision.unknown")]
    public async Task What_cannot_be_packed_is_404(string archive, string type)
    {
        var (repo, _, _) = await AKitAsync();
        await repo.Http.GetAsync($"{repo.Url}/archive/{archive}").ShouldBeProblemAsync(404, type);
    }

    [Fact]
    public async Task A_stranger_gets_no_archive()
    {
        var (repo, _, _) = await AKitAsync();
        await repo.As(app.AUser()).Http.GetAsync($"{repo.Url}/archive/main.zip").ShouldBeProblemAsync(404, "repository.unknown");
    }

    [Fact]
    public async Task An_archive_with_a_lost_file_is_refused_and_a_range_of_it_breaks_off()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = UploadTests.RandomBytes(100_000);
        await repo.PushAsync(null, ("sub/w.bin", content));
        File.Delete(Directory.EnumerateFiles(Path.Combine(app.DataFolder, "artifact", "blobs"), Repo.Hash(content), SearchOption.AllDirectories).Single());
        foreach (var format in new[] { "tar", "tar.gz", "zip" })
        {
            var problem = await repo.Http.GetAsync($"{repo.Url}/archive/main.{format}").ShouldBeProblemAsync(500, "blob.damaged");
            Assert.Contains("sub/w.bin", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        var range = new HttpRequestMessage(HttpMethod.Get, $"{repo.Url}/archive/main.tar") { Headers = { Range = new RangeHeaderValue(10, null) } };
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => repo.Http.SendAsync(range));
    }

    [Fact]
    public async Task The_checksum_of_a_large_file_is_kept()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = UploadTests.RandomBytes(1_500_000);
        await repo.PushAsync(null, ("w.bin", content), ("small.bin", UploadTests.RandomBytes(1000)));
        var first = await repo.Http.GetByteArrayAsync($"{repo.Url}/archive/main.zip");
        var crc = new Crc32();
        crc.Append(content);
        await using var source = NpgsqlDataSource.Create(app.ConnectionString);
        await using var kept = source.CreateCommand($"select crc32 from blob_crc32s where sha256 = '{Repo.Hash(content)}'");
        Assert.Equal((long)crc.Value, await kept.ExecuteScalarAsync());
        Assert.Equal(first, await repo.Http.GetByteArrayAsync($"{repo.Url}/archive/main.zip"));
    }

    [Fact]
    public void The_checksum_is_the_one_of_zip()
    {
        var crc = new Crc32();
        crc.Append("1234"u8);
        crc.Append("56789"u8);
        Assert.Equal(0xCBF4_3926, crc.Value);   // the check value of CRC-32/ISO-HDLC
    }

    /// <summary>Sizes beyond 4 and 8 GiB are checked where no such file need be: in the headers, read by others' readers.</summary>
    [Fact]
    public async Task Files_beyond_four_and_eight_GiB_have_their_sizes()
    {
        Assert.True(BlobHash.TryParse(new string('a', 64), out var hash));
        KitFile[] files = [new("a.bin", false, 5L << 30, hash), new("b.bin", true, 9L << 30, hash), new("c.bin", false, 3, hash)];
        using var tool = new Tool();
        await WriteSparseAsync(new ZipLayout(files, "kit/", DateTimeOffset.UnixEpoch.AddYears(50), (_, _) => new(0u)), tool.At("kit.zip"));
        var zip = await tool.RunAsync("python3", "-c", "import zipfile; print([(i.filename, i.file_size, i.header_offset) for i in zipfile.ZipFile('kit.zip').infolist()])");
        var (a, b) = (5L << 30, 9L << 30);
        Assert.Matches($@"^\[\('kit/a\.bin', {a}, 0\), \('kit/b\.bin', {b}, {a + 68}\), \('kit/c\.bin', 3, {a + b + 136}\)\]\n$", zip);
        await tool.RunAsync("unzip", "-l", "kit.zip");
        await WriteSparseAsync(new TarLayout(files, "kit/", DateTimeOffset.UnixEpoch), tool.At("kit.tar"));
        var tar = await tool.RunAsync("tar", "-tvf", "kit.tar");
        Assert.Matches($@"{a} .* kit/a\.bin\n.*{b} .* kit/b\.bin\n.* 3 .* kit/c\.bin\n$", tar);
    }

    /// <summary>A reader of 70,000 names needs Zip64's count.</summary>
    [Fact]
    public async Task More_files_than_zip_once_could_count_are_counted()
    {
        Assert.True(BlobHash.TryParse(Repo.Hash([]), out var hash));
        var files = Enumerable.Range(0, 70_000).Select(i => new KitFile($"f{i}", false, 0, hash)).ToList();
        using var tool = new Tool();
        await WriteSparseAsync(new ZipLayout(files, "", DateTimeOffset.UnixEpoch.AddYears(50), (_, _) => new(0u)), tool.At("kit.zip"));
        Assert.Equal("70000\n", await tool.RunAsync("python3", "-c", "import zipfile; print(len(zipfile.ZipFile('kit.zip').infolist()))"));
    }

    private static async Task WriteSparseAsync(IArchiveLayout layout, string path)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        for (var piece = 0; piece < layout.Count; piece++)
        {
            if (layout.BlobOf(piece) is not null)
            {
                file.Seek(layout.LengthOf(piece), SeekOrigin.Current);
                continue;
            }
            var made = await layout.MakeAsync(piece, CancellationToken.None);
            Assert.Equal(layout.LengthOf(piece), made.Length);
            await file.WriteAsync(made);
        }
    }

    private async Task<(Repo Repo, RevisionView Revision, Dictionary<string, byte[]> Files)> AKitAsync(Visibility visibility = Visibility.Private)
    {
        var (_, repo) = await app.ARepositoryAsync(visibility);
        var files = new Dictionary<string, byte[]>
        {
            ["README.md"] = "# A kit\n".Utf8(), ["model.onnx"] = UploadTests.RandomBytes(70_001), ["sub/weights.bin"] = UploadTests.RandomBytes(512), ["empty"] = [],
            ["ünï/日本.txt"] = "ok".Utf8(), [s_long] = "deep".Utf8(), ["run"] = "#!/bin/sh\n".Utf8(),
        };
        var operations = new List<FileOperation>();
        foreach (var (path, content) in files) operations.Add(new FileOperation(path, await repo.PutBlobAsync(content), Executable: path == "run"));
        var revision = await repo.CommitAsync(null, "push", [.. operations]);
        files[".gitattributes"] = await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/.gitattributes");
        return (repo, revision, files);
    }
}
