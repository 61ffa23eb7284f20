using System.Net;
using System.Net.Http.Json;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Storage;

public sealed class QuotaTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task Fifty_uploads_side_by_side_never_exceed_together_what_each_fits_into_alone()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        await SetAsync(ada, 10_000);
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => ada.Http.PostJsonAsync(
            "/api/v1/uploads", new CreateUpload($"{repo.View.Owner}/{repo.View.Name}", Repo.Hash($"{i}".Utf8()), 900))));
        Assert.Equal(11, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));   // 11 x 900 <= 10,000
        foreach (var refused in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
        {
            var problem = await refused.ShouldBeProblemAsync(507, "quota.exceeded");
            Assert.Equal((10_800, 10_000), (problem.GetProperty("usedBytes").GetInt64(), problem.GetProperty("limitBytes").GetInt64()));
        }
        Assert.Equal(9_900, (await UsageAsync(ada)).UsedBytes);
        // Giving one up makes room for another.
        var given = await answers.First(answer => answer.StatusCode == HttpStatusCode.Created).ReadAsync<UploadView>();
        await ada.Http.DeleteAsync($"/api/v1/uploads/{given.Id}");
        using var now = await ada.Http.PostJsonAsync("/api/v1/uploads", new CreateUpload($"{repo.View.Owner}/{repo.View.Name}", Repo.Hash("other".Utf8()), 1000));
        await now.ShouldBeAsync(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Fifty_blobs_side_by_side_never_exceed_it_either_and_what_is_there_twice_counts_once()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var other = await ada.CreateAsync(ada.Name, app.Fresh());
        await SetAsync(ada, 10_000);
        var contents = Enumerable.Range(0, 50).Select(i => UploadTests.RandomBytes(900 + i)).ToArray();
        var answers = await Task.WhenAll(contents.Select(content => ada.Http.PutAsync($"{repo.Url}/blobs/{Repo.Hash(content)}", new ByteArrayContent(content))));
        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.InsufficientStorage, answer.StatusCode.ToString()));
        var stored = contents.Where((_, i) => answers[i].StatusCode == HttpStatusCode.NoContent).ToList();
        var used = stored.Sum(content => content.Length);
        Assert.InRange(used, 9_000, 10_000);
        Assert.Equal(used, (await UsageAsync(ada)).UsedBytes);
        // Committed, in two repositories: still the same bytes.
        await SetAsync(ada, null);   // the commit adds .gitattributes, a few bytes of its own
        await repo.CommitAsync(null, "x", [.. stored.Select((content, i) => new FileOperation($"f{i}.txt", Repo.Hash(content)))]);
        var usage = await UsageAsync(ada);
        foreach (var content in stored.Take(3)) Assert.Equal(HttpStatusCode.NoContent, (await ada.Http.PutAsync($"{other.Url}/blobs/{Repo.Hash(content)}", new ByteArrayContent(content))).StatusCode);
        Assert.Equal(usage.UsedBytes, (await UsageAsync(ada)).UsedBytes);
        // A deleted repository's bytes count no more.
        await ada.Http.DeleteAsync(repo.Url);
        Assert.Equal(stored.Take(3).Sum(content => content.Length), (await UsageAsync(ada)).UsedBytes);
    }

    [Fact]
    public async Task What_is_linked_from_elsewhere_counts_when_it_is_committed_and_when_it_is_moved()
    {
        var (_, source) = await app.ARepositoryAsync(Visibility.Public);
        var big = UploadTests.RandomBytes(5000);
        await source.PushAsync(null, ("big.txt", big));
        var (ada, repo) = await app.ARepositoryAsync();
        await SetAsync(ada, 4000);
        using var linked = await ada.Http.PostJsonAsync($"{repo.Url}/blobs/missing", new MissingBlobs([new BlobReference(Repo.Hash(big), big.Length)]));
        Assert.Empty((await linked.ReadAsync<MissingBlobsAnswer>()).Missing);
        var problem = await repo.TryCommitAsync(null, "x", new FileOperation("big.txt", Repo.Hash(big))).ShouldBeProblemAsync(507, "quota.exceeded");
        Assert.Equal(4000, problem.GetProperty("limitBytes").GetInt64());
        await ada.Http.GetAsync($"{repo.Url}/revisions/main").ShouldBeProblemAsync(404, "revision.unknown");

        var acme = app.AnOrganisation();
        var ben = app.AUser(acme, Role.Owner);
        var moving = await ben.CreateAsync(acme.Name, app.Fresh());
        await moving.PushAsync(null, ("m.txt", UploadTests.RandomBytes(5001)));
        await SetAsync(ben, 4000);
        await ben.Http.PostJsonAsync($"{moving.Url}/move", new MoveTo(ben.Name)).ShouldBeProblemAsync(507, "quota.exceeded");
        Assert.Equal(acme.Name, (await ben.Http.GetJsonAsync<RepositoryView>(moving.Url)).Owner);
    }

    [Fact]
    public async Task Usage_is_seen_by_the_owners_own_and_tells_nothing_of_others_private_bytes()
    {
        var bytes = UploadTests.RandomBytes(2345);
        var (ada, repo) = await app.ARepositoryAsync();
        await repo.PushAsync(null, ("a.bin", bytes), ("b.txt", "b".Utf8()));
        var head = await ada.Http.GetJsonAsync<RevisionView>($"{repo.Url}/revisions/main");
        await repo.PushAsync(head.Id, ("b.txt", "bb".Utf8()));
        var alone = await ada.Http.GetJsonAsync<StorageView>($"{repo.Url}/storage");
        var attributes = (await repo.FilesAsync("main")).Single(file => file.Path == ".gitattributes").SizeBytes;
        Assert.Equal(new StorageView(2, 2 * (2345 + attributes) + 3, 2345 + attributes + 3, 0, 2345 + attributes + 3), alone with { SharedBytes = 0, FreedBytes = alone.PhysicalBytes });
        Assert.Equal(0, alone.SharedBytes - (alone.SharedBytes > 0 ? attributes : 0));   // a public kit of another test may have the same lines
        // Somebody's private repository gets the same bytes: nothing changes for Ada (U5).
        var (_, hidden) = await app.ARepositoryAsync();
        await hidden.PushAsync(null, ("mine.bin", bytes));
        Assert.Equal(alone, await ada.Http.GetJsonAsync<StorageView>($"{repo.Url}/storage"));
        // A public one does: those bytes would stay.
        var (_, open) = await app.ARepositoryAsync(Visibility.Public);
        await open.PushAsync(null, ("open.bin", bytes));
        var shared = await ada.Http.GetJsonAsync<StorageView>($"{repo.Url}/storage");
        Assert.InRange(shared.SharedBytes, 2345, 2345 + attributes);
        Assert.Equal(shared.PhysicalBytes - shared.SharedBytes, shared.FreedBytes);
        await app.AUser().Http.GetAsync($"{repo.Url}/storage").ShouldBeProblemAsync(404, "repository.unknown");

        Assert.Equal(1, (await UsageAsync(ada)).RepositoryCount);
        foreach (var http in new[] { app.AUser().Http, app.AUser(app.AnOrganisation()).Http })
            Assert.Equal(await http.GetAsync("/api/v1/storage/nobody").ShapeAsync("nobody"), await http.GetAsync($"/api/v1/storage/{ada.Name}").ShapeAsync(ada.Name));
        await ada.Http.PutAsJsonAsync($"/api/v1/storage/{ada.Name}/quota", new SetQuota(null), ZooJson.Options).ShouldBeProblemAsync(403, "not-allowed");
        await app.AnAdministrator().PutAsJsonAsync($"/api/v1/storage/{ada.Name}/quota", new SetQuota(-1), ZooJson.Options).ShouldBeProblemAsync(422, "quota.invalid");
        await app.AnAdministrator().PutAsJsonAsync("/api/v1/storage/nobody/quota", new SetQuota(1), ZooJson.Options).ShouldBeProblemAsync(404, "owner.unknown");
    }

    [Fact]
    public async Task Xorbs_count_while_they_wait_and_as_files_afterwards()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        await SetAsync(ada, 300_000);
        var client = await XetClient.WriterAsync(app, repo);
        var content = UploadTests.RandomBytes(200_000);
        var (xorb, shard) = XetBodies.Of(content);
        for (var i = 0; i < 2; i++)
        {
            await client.PostXorbAsync(xorb.Hash, xorb.Body);   // again: it waits once
            Assert.Equal(xorb.Body.Length, (await UsageAsync(ada)).UsedBytes);
        }
        var waiting = app.StoredFiles("xorbs");
        var (large, _) = XetBodies.Of(UploadTests.RandomBytes(150_000));
        using (var refused = await client.PostAsync($"v1/xorbs/default/{large.Hash}", large.Body))
        {
            await refused.ShouldBeAsync(HttpStatusCode.Forbidden);   // 507 would be repeated for minutes
            Assert.Contains("quota of 300000", refused.Headers.GetValues("X-Error-Message").Single(), StringComparison.Ordinal);
        }
        Assert.Equal((waiting, 0), (app.StoredFiles("xorbs"), app.StoredFiles("temporary")));
        // The file fits, though xorb and file together would not.
        using (var made = await client.PostAsync("v1/shards", shard)) await made.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(content.Length, (await UsageAsync(ada)).UsedBytes);
        // Side by side they never exceed it together.
        var small = Enumerable.Range(0, 12).Select(_ => XetBodies.Of(UploadTests.RandomBytes(20_000)).Xorb).ToList();
        var answers = await Task.WhenAll(small.Select(one => client.PostAsync($"v1/xorbs/default/{one.Hash}", one.Body)));
        Assert.Equal((4, 8), (answers.Count(answer => answer.StatusCode == HttpStatusCode.OK), answers.Count(answer => answer.StatusCode == HttpStatusCode.Forbidden)));
        Assert.Equal(content.Length + small.Where((_, i) => answers[i].StatusCode == HttpStatusCode.OK).Sum(one => one.Body.Length), (await UsageAsync(ada)).UsedBytes);
        Assert.Equal(waiting - 1 + 4, app.StoredFiles("xorbs"));
    }

    [Fact]
    public async Task What_was_sent_is_kept_and_counted_for_as_long_as_its_sender_asks_about_it()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        byte[] asked = UploadTests.RandomBytes(3001), forgotten = UploadTests.RandomBytes(3002);
        foreach (var content in new[] { asked, forgotten }) await repo.PutBlobAsync(content);
        await using var source = Npgsql.NpgsqlDataSource.Create(app.ConnectionString);
        for (var week = 0; week < 3; week++)
        {
            // Eight days go by, one more than the grace.
            await using var later = source.CreateCommand($"""
                update staged_blobs set staged_at = staged_at - interval '8 days' where repository_id = '{repo.View.Id}';
                update blobs set kept_at = kept_at - interval '8 days' where sha256 in ('{Repo.Hash(asked)}', '{Repo.Hash(forgotten)}')
                """);
            await later.ExecuteNonQueryAsync();
            using var missing = await ada.Http.PostJsonAsync($"{repo.Url}/blobs/missing", new MissingBlobs([new BlobReference(Repo.Hash(asked), asked.Length)]));
            Assert.Empty((await missing.ReadAsync<MissingBlobsAnswer>()).Missing);
            var swept = await app.AnAdministrator().SweepAsync();
            Assert.Equal(week == 0 ? [3002] : [], swept.Blobs.Select(blob => blob.SizeBytes).Where(size => size is 3001 or 3002));
            Assert.Equal(3001, (await UsageAsync(ada)).UsedBytes);
        }
        // A push that was begun three weeks ago ends well.
        await repo.CommitAsync(null, "x", new FileOperation("a.txt", Repo.Hash(asked)));
    }

    private async Task SetAsync(Person owner, long? limit)
    {
        using var answer = await app.AnAdministrator().PutAsJsonAsync($"/api/v1/storage/{owner.Name}/quota", new SetQuota(limit), ZooJson.Options);
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(limit, (await answer.ReadAsync<QuotaView>()).LimitBytes);
    }

    private static Task<OwnerStorageView> UsageAsync(Person owner) => owner.Http.GetJsonAsync<OwnerStorageView>($"/api/v1/storage/{owner.Name}");
}
