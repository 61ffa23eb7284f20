using System.Net;
using System.Text;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;

namespace ZooPlatform.Artifact.Tests.Archives;

public sealed class ArtifactWithFewConnections : ArtifactApp
{
    protected override IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string> { ["ConnectionStrings:artifactdb"] = ConnectionString + ";Maximum Pool Size=8", ["Artifact:MaxListedFiles"] = "300" };
}

/// <summary>Who reads an answer slowly holds little of the service meanwhile.</summary>
public sealed class SlowReaderTests(ArtifactWithFewConnections app) : IClassFixture<ArtifactWithFewConnections>
{
    [Fact]
    public async Task Sixty_slow_readers_of_archives_and_packs_hold_no_connection_and_little_memory()
    {
        var (ada, repo) = await app.ARepositoryAsync(Visibility.Public);
        var files = Enumerable.Range(0, 3).Select(i => ($"t{i}.txt", Convert.ToHexString(UploadTests.RandomBytes(500_000)).Utf8())).ToArray();
        var head = await repo.PushAsync(null, [("w.bin", UploadTests.RandomBytes(24_000_000)), .. files]);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var open = await Task.WhenAll(Enumerable.Range(0, 60).Select(async i =>
        {
            using var ask = i % 6 == 5
                ? new HttpRequestMessage(HttpMethod.Post, $"/{repo.View.Owner}/{repo.View.Name}.git/git-upload-pack") { Content = new StringContent($"0032want {head.Id}\n00000009done\n", Encoding.ASCII) }
                : new HttpRequestMessage(HttpMethod.Get, $"{repo.Url}/archive/main.{new[] { "tar", "tar", "zip", "tar.gz", "tar" }[i % 6]}");
            var answer = await ada.Http.SendAsync(ask, HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);   // ShouldBeAsync reads the body
            var body = await answer.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[4096]);
            return (Answer: answer, Body: body);
        }));
        try
        {
            // Eight connections are all there are.
            for (var i = 0; i < 20; i++) await ada.Http.GetJsonAsync<Contracts.Artifact.RevisionView>($"{repo.Url}/revisions/main");
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 60L * 2_000_000);   // each is of 25 MB
            await open[0].Body.CopyToAsync(Stream.Null);   // the patient get all of it
        }
        finally
        {
            foreach (var (answer, _) in open) answer.Dispose();
        }
        Assert.Equal(files[0].Item2, await ada.Http.GetByteArrayAsync($"{repo.Url}/files/main/t0.txt"));
    }

    [Fact]
    public async Task Archives_of_too_many_files_at_once_wait_for_their_turn_and_are_refused_when_it_does_not_come()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var (_, small) = await app.ARepositoryAsync();
        await small.PushAsync(null, ("one.txt", "one".Utf8()));
        var hash = await repo.PutBlobAsync(UploadTests.RandomBytes(24_000_000));
        await repo.CommitAsync(null, "200 files", [.. Enumerable.Range(0, 200).Select(i => new Contracts.Artifact.FileOperation($"f{i}.bin", hash))]);
        var first = await ada.Http.GetAsync($"{repo.Url}/archive/main.tar", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        var second = ada.Http.GetAsync($"{repo.Url}/archive/main.zip");
        using var refused = await second;
        await refused.ShouldBeProblemAsync(503, "archive.busy");
        Assert.Equal("5", refused.Headers.RetryAfter?.ToString());
        Assert.Equal(HttpStatusCode.OK, (await small.Http.GetAsync($"{small.Url}/archive/main.tar")).StatusCode);   // what fits goes on
        var third = ada.Http.GetAsync($"{repo.Url}/archive/main.tar", HttpCompletionOption.ResponseHeadersRead);
        await Task.Delay(200);
        Assert.False(third.IsCompleted);
        first.Dispose();
        using var late = await third;
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);
    }
}
