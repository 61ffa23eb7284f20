using System.Net;
using Npgsql;
using ZooPlatform.Artifact.Tests.Storage;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Xet;

/// <summary>The index of chunks while blobs are swept: what is gone is offered to nobody, and what is offered is there.</summary>
public sealed class XetGarbageTests(ArtifactWithoutGrace app) : IClassFixture<ArtifactWithoutGrace>
{
    [Fact]
    public async Task What_was_swept_is_no_chunk_any_more_and_a_shard_that_names_it_is_refused_until_it_is_sent_again()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var content = UploadTests.RandomBytes(400_000);
        var (xorb, shard) = XetBodies.Of(content);
        await (await XetClient.WriterAsync(app, repo)).PushAsync(content);
        await repo.CommitAsync(null, "x", new FileOperation("w.bin", Repo.Hash(content)));
        await ada.Http.DeleteAsync(repo.Url);
        await SweepAsync();
        Assert.Equal("0", await AskAsync($"select count(*) from chunk_runs where sha256 = '{Repo.Hash(content)}'"));
        Assert.Equal("0", await AskAsync($"select count(*) from chunk_hooks where sha256 = '{Repo.Hash(content)}'"));
        Assert.Equal("0", await AskAsync($"select count(*) from xorb_runs where sha256 = '{Repo.Hash(content)}'"));

        var other = await ada.CreateAsync(ada.Name, app.Fresh());
        var client = await XetClient.WriterAsync(app, other);
        using (var asked = await client.GetAsync($"v1/chunks/default/{XetBodies.Chunks(content)[0].Hash}")) await asked.ShouldBeAsync(HttpStatusCode.NotFound);
        byte[] changed = [.. content, 1];
        var upload = await UploadTests.CreateAsync(other, changed);
        using (var copied = await other.Http.PostAsync($"/api/v1/uploads/{upload.Id}/chunks/0", new ByteArrayContent(WayIn.ChunksOf(changed))))
            Assert.Equal(0, (await copied.ReadAsync<CopiedChunks>()).SizeBytes);
        using (var refused = await client.PostAsync("v1/shards", shard))
        {
            await refused.ShouldBeAsync(HttpStatusCode.BadRequest);
            Assert.Contains("which is not there", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.Equal(0, app.StoredFiles("temporary"));
        await client.PostXorbAsync(xorb.Hash, xorb.Body);
        using (var stored = await client.PostAsync("v1/shards", shard)) await stored.ShouldBeAsync(HttpStatusCode.OK);
        var revision = await other.CommitAsync(null, "x", new FileOperation("w.bin", Repo.Hash(content)));
        Assert.Equal(content, await other.Http.GetByteArrayAsync($"{other.Url}/files/{revision.Id}/w.bin"));
    }

    /// <summary>The same shard again and again, and sweeps meanwhile: it makes its file, or finds it, or is refused; never a row without a file.</summary>
    [Fact]
    public async Task A_shard_during_sweeps_never_makes_a_row_of_a_file_that_is_gone()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = UploadTests.RandomBytes(200_000);
        var (xorb, shard) = XetBodies.Of(content);
        var client = await XetClient.WriterAsync(app, repo);
        var (found, refused) = (0, 0);
        for (var i = 0; i < 25; i++)
        {
            await client.PostXorbAsync(xorb.Hash, xorb.Body);
            using (var first = await client.PostAsync("v1/shards", shard)) await first.ShouldBeAsync(HttpStatusCode.OK);
            await Task.Delay(3);
            var sweep = SweepAsync();
            await Task.Delay(i % 6);
            using (var again = await client.PostAsync("v1/shards", shard))
            {
                Assert.True(again.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{again.StatusCode} {await again.Content.ReadAsStringAsync()}");
                if (again.StatusCode == HttpStatusCode.OK) found++;
                else refused++;
            }
            await sweep;
            var row = await AskAsync($"select count(*) from blobs where sha256 = '{Repo.Hash(content)}'");
            Assert.True(row == "0" || File.Exists(Path.Combine(app.DataFolder, "artifact", "blobs", Repo.Hash(content)[..2], Repo.Hash(content)[2..4], Repo.Hash(content))), $"race {i}: a row without a file");
        }
        Assert.Equal(25, found + refused);
    }

    /// <summary>Chunks are copied from blobs that are swept just then: whatever was copied is what it was said to be.</summary>
    [Fact]
    public async Task Chunks_that_are_found_during_sweeps_make_the_right_file()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var copiedOnce = 0;
        for (var i = 0; i < 12; i++)
        {
            var known = UploadTests.RandomBytes(200_000);
            await (await XetClient.WriterAsync(app, repo)).PushAsync(known);   // mapped at once
            byte[] content = [.. known, .. UploadTests.RandomBytes(1000)];
            var upload = await UploadTests.CreateAsync(repo, content);
            var sweep = SweepAsync();
            await Task.Delay(i % 6);
            using (var answer = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/chunks/0", new ByteArrayContent(WayIn.ChunksOf(content))))
            {
                await answer.ShouldBeAsync(HttpStatusCode.OK);
                if ((await answer.ReadAsync<CopiedChunks>()).SizeBytes > 0) copiedOnce++;
            }
            await sweep;
            foreach (var gap in (await repo.Http.GetJsonAsync<UploadView>($"/api/v1/uploads/{upload.Id}")).Missing!)
                using (var part = await repo.Http.PutAsync($"/api/v1/uploads/{upload.Id}/parts/{gap.OffsetBytes}", new ByteArrayContent(content, (int)gap.OffsetBytes, (int)gap.SizeBytes)))
                    await part.ShouldBeAsync(HttpStatusCode.NoContent);
            using var complete = await repo.Http.PostAsync($"/api/v1/uploads/{upload.Id}/complete", null);
            await complete.ShouldBeAsync(HttpStatusCode.OK);
        }
        Assert.True(copiedOnce > 0, "no sweep came late enough: that proves little");
    }

    private async Task SweepAsync()
    {
        await Task.Delay(2);   // garbage is what is older than now
        await app.AnAdministrator().SweepAsync();
    }

    private async Task<string> AskAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(app.ConnectionString);
        await using var command = database.CreateCommand(sql);
        return $"{await command.ExecuteScalarAsync()}";
    }
}
