using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit.Abstractions;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.GitHttp;

/// <summary>A kit of 10,000 small files with 100 revisions, as git and as archives.</summary>
[Collection(ReadersOnOneApp.Name)]
public sealed class LargeKitTests(ArtifactApp app, ITestOutputHelper output)
{
    private const int Files = 10_000, Revisions = 100;

    [Fact]
    [Trait("Category", "Long")]
    public async Task A_kit_of_many_files_is_cloned_and_packed()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var contents = Enumerable.Range(0, Files).Select(i => $"file {i} of {repo.View.Id}\n".Utf8()).ToArray();
        var batch = new ByteArrayContent([.. contents.SelectMany(content => Encoding.ASCII.GetBytes($"{content.Length}:").Concat(content).Append((byte)','))]);
        using (var stored = await repo.Http.PostAsync($"{repo.Url}/blobs", batch)) Assert.True(stored.IsSuccessStatusCode);
        var head = await repo.CommitAsync(null, "all", [.. contents.Select((content, i) => new FileOperation($"folder{i % 100}/file{i}.txt", Repo.Hash(content)))]);
        for (var i = 1; i < Revisions; i++) head = await repo.PushAsync(head.Id, ($"folder{i}/file{i}.txt", $"changed {i} {repo.View.Id}".Utf8()));
        using var tool = new Tool();
        var before = GC.GetTotalAllocatedBytes();

        await TimedAsync("clone", () => tool.GitAsync(repo, "clone", "-q", repo.GitUrl(), "kit"));
        Assert.Equal("", await tool.RunAsync("git", "-C", "kit", "fsck", "--strict", "--full"));
        Assert.Equal(Revisions.ToString(CultureInfo.InvariantCulture), (await tool.RunAsync("git", "-C", "kit", "rev-list", "--count", "HEAD")).Trim());
        Assert.Equal(Files, Directory.EnumerateFiles(tool.At("kit"), "*.txt", SearchOption.AllDirectories).Count());
        await TimedAsync("clone --depth 1", () => tool.GitAsync(repo, "clone", "-q", "--depth", "1", repo.GitUrl(), "shallow"));
        await repo.PushAsync(head.Id, ("new.txt", "new".Utf8()));
        await TimedAsync("pull of one file", () => tool.GitAsync(repo, "-C", "kit", "pull", "-q"));
        foreach (var (format, check) in new[] { ("tar", "tar -tf"), ("tar.gz", "tar -tzf"), ("zip", "unzip -tqq") })
            await TimedAsync(format, async () =>
            {
                await File.WriteAllBytesAsync(tool.At("archive"), await repo.Http.GetByteArrayAsync($"{repo.Url}/archive/main.{format}"));
                await tool.RunAsync("sh", "-c", $"{check} archive");
            });
        await TimedAsync("zip again", () => repo.Http.GetByteArrayAsync($"{repo.Url}/archive/main.zip"));
        output.WriteLine($"allocated: {(GC.GetTotalAllocatedBytes() - before) / (1 << 20)} MiB");
    }

    private async Task TimedAsync(string what, Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        output.WriteLine($"{what}: {clock.ElapsedMilliseconds} ms");
    }
}
