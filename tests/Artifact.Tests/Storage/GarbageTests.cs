using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Blobs.Local;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Tests.Storage;

public sealed class ArtifactWithoutGrace : ArtifactApp
{
    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Storage:Grace"] = "00:00:00" };
}

public sealed class GarbageTests(ArtifactWithoutGrace app) : IClassFixture<ArtifactWithoutGrace>
{
    [Fact]
    public async Task What_nothing_refers_to_is_told_with_its_reason_and_then_deleted_and_nothing_else()
    {
        await SweepAsync();   // what other tests left
        var (ada, kept) = await app.ARepositoryAsync();
        var doomed = await ada.CreateAsync(ada.Name, app.Fresh());
        byte[] shared = UploadTests.RandomBytes(3000), lone = UploadTests.RandomBytes(2000), sent = UploadTests.RandomBytes(1000);
        var head = await kept.PushAsync(null, ("shared.txt", shared));
        await doomed.PushAsync(null, ("shared.txt", shared), ("lone.txt", lone));
        await kept.PutBlobAsync(sent);
        var upload = await UploadTests.CreateAsync(kept, UploadTests.RandomBytes(5000));
        // An unfinished upload keeps a blob of the same name, though nothing else refers to it.
        var coming = UploadTests.RandomBytes(4000);
        await doomed.PutBlobAsync(coming);
        await UploadTests.CreateAsync(kept, coming);
        await ada.Http.DeleteAsync(doomed.Url);

        var foretold = await SweepAsync(dryRun: true);
        Assert.Equal(
            [(Repo.Hash(lone), 2000L, "its repository was deleted"), (Repo.Hash(sent), 1000L, "it was sent and never committed")],
            foretold.Blobs.Where(blob => blob.SizeBytes >= 1000).Select(blob => (blob.Sha256, blob.SizeBytes, blob.Why)));
        Assert.All(foretold.Blobs, blob => Assert.InRange(blob.Since, TimeProvider.System.GetUtcNow().AddMinutes(-5), foretold.Before));
        Assert.Equal((foretold.Blobs.Count, foretold.Blobs.Sum(blob => blob.SizeBytes), 1), (foretold.BlobCount, foretold.SizeBytes, foretold.RevisionCount));
        Assert.True(File.Exists(PathOf(lone)) && File.Exists(PathOf(sent)));   // a dry run deletes nothing

        var swept = await SweepAsync();
        Assert.Equal(foretold.Blobs, swept.Blobs);
        Assert.False(File.Exists(PathOf(lone)) || File.Exists(PathOf(sent)));
        Assert.True(File.Exists(PathOf(shared)) && File.Exists(PathOf(coming)));
        Assert.Equal(shared, await ada.Http.GetByteArrayAsync($"{kept.Url}/files/{head.Id}/shared.txt"));
        Assert.Equal("0", await UploadTests.HeadAsync(kept, upload));
        Assert.Equal(0, (await SweepAsync()).BlobCount);
        // What was swept has to be sent again, and then is there again.
        await kept.TryCommitAsync(head.Id, "x", new FileOperation("sent.txt", Repo.Hash(sent))).ShouldBeProblemAsync(422, "blob.missing");
        using var missing = await ada.Http.PostJsonAsync($"{kept.Url}/blobs/missing", new MissingBlobs([new BlobReference(Repo.Hash(sent), sent.Length)]));
        Assert.Equal([Repo.Hash(sent)], (await missing.ReadAsync<MissingBlobsAnswer>()).Missing);
        await kept.PushAsync(head.Id, ("sent.txt", sent));
    }

    [Fact]
    public async Task Revisions_that_no_name_reaches_go_with_what_only_they_held()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var (a, b, c, d) = (UploadTests.RandomBytes(1001), UploadTests.RandomBytes(1002), UploadTests.RandomBytes(1003), UploadTests.RandomBytes(1004));
        var first = await repo.PushAsync(null, ("dir/a.bin", a), ("same/s.txt", "same".Utf8()));
        using (var tag = await ada.Http.PutAsJsonAsync($"{repo.Url}/tags/first", new SetRef("1"), ZooJson.Options)) await tag.ShouldBeAsync(HttpStatusCode.OK);
        var second = await repo.PushAsync(first.Id, ("dir/a.bin", b));
        var third = await repo.PushAsync(second.Id, ("dir/a.bin", c));
        using (var alias = await ada.Http.PutAsJsonAsync($"{repo.Url}/aliases/prod", new SetRef("3"), ZooJson.Options)) await alias.ShouldBeAsync(HttpStatusCode.OK);
        var fourth = await repo.PushAsync(third.Id, ("dir/a.bin", d));
        using (var squashed = await ada.Http.PostJsonAsync($"{repo.Url}/branches/main/squash", new SquashHistory("one", fourth.Id))) await squashed.ShouldBeAsync(HttpStatusCode.Created);
        // 4 is reached by nothing; 3 by an alias, and so are 2 and 1.
        Assert.Equal(0, (await SweepAsync()).RevisionCount);   // the grace begins
        Assert.Equal(1, (await SweepAsync()).RevisionCount);
        await ada.Http.GetAsync($"{repo.Url}/revisions/4").ShouldBeProblemAsync(404, "revision.unknown");
        foreach (var (name, content) in new[] { ("main", d), ("prod", c), ("2", b), ("first", a) })
            Assert.Equal(content, await ada.Http.GetByteArrayAsync($"{repo.Url}/files/{name}/dir/a.bin"));

        await ada.Http.DeleteAsync($"{repo.Url}/aliases/prod");
        await SweepAsync();
        // A name set within the grace saves what it reaches.
        using (var saved = await ada.Http.PutAsJsonAsync($"{repo.Url}/tags/saved", new SetRef("2"), ZooJson.Options)) await saved.ShouldBeAsync(HttpStatusCode.OK);
        var foretold = await SweepAsync(dryRun: true);
        var swept = await SweepAsync();
        Assert.Equal((1, 1), (foretold.RevisionCount, swept.RevisionCount));
        Assert.Equal([Repo.Hash(c)], swept.Blobs.Where(blob => blob.SizeBytes == 1003).Select(blob => blob.Sha256));
        Assert.Equal("no branch, tag or alias reaches the revisions that held it", swept.Blobs.Single(blob => blob.SizeBytes == 1003).Why);
        Assert.False(File.Exists(PathOf(c)));
        foreach (var (name, content) in new[] { ("main", d), ("saved", b), ("first", a) })
            Assert.Equal(content, await ada.Http.GetByteArrayAsync($"{repo.Url}/files/{name}/dir/a.bin"));
        Assert.Equal("same", await ada.Http.GetStringAsync($"{repo.Url}/files/main/same/s.txt"));
        // Its number is never used again.
        Assert.Equal(6, (await repo.PushAsync((await ada.Http.GetJsonAsync<RevisionView>($"{repo.Url}/revisions/main")).Id, ("x.txt", "x".Utf8()))).Number);
    }

    [Fact]
    public async Task Files_that_a_crash_left_without_a_row_go_once_they_are_old()
    {
        var (old, young) = (UploadTests.RandomBytes(777), UploadTests.RandomBytes(778));
        foreach (var content in new[] { old, young })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(content))!);
            await File.WriteAllBytesAsync(PathOf(content), content);
        }
        File.SetLastWriteTimeUtc(PathOf(old), TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));
        var (_, repo) = await app.ARepositoryAsync();
        var head = await repo.PushAsync(null, ("a.txt", "old, but referred to".Utf8()));
        File.SetLastWriteTimeUtc(PathOf("old, but referred to".Utf8()), TimeProvider.System.GetUtcNow().UtcDateTime.AddYears(-1));
        await SweepAsync();
        Assert.False(File.Exists(PathOf(old)));
        Assert.True(File.Exists(PathOf(young)));
        Assert.Equal("old, but referred to", await repo.Http.GetStringAsync($"{repo.Url}/files/{head.Id}/a.txt"));
    }

    [Fact]
    public async Task A_file_that_came_anew_is_never_taken_in_place_of_the_old_one()
    {
        var (store, spool) = (app.Services.GetRequiredService<LocalBlobs>(), app.Services.GetRequiredService<Spool>());
        var content = UploadTests.RandomBytes(99);
        Assert.True(BlobHash.TryParse(Repo.Hash(content), out var hash));
        await store.KeepAsync(spool, content, hash, default);
        using (var old = TakenFile.TryHold(store, hash)!)
        {
            await store.KeepAsync(spool, content, hash, default);   // the same bytes, another file
            Assert.Null(old.TakeTo(store.Taken));
            Assert.True(store.Holds(new BlobRef(hash, content.Length)));
        }
        using (var whole = TakenFile.TryHold(store, hash)!)
        {
            var taken = whole.TakeTo(store.Taken);
            Assert.False(store.Holds(new BlobRef(hash, content.Length)));
            Assert.True(File.Exists(taken));
        }
        // Killed here: it goes back at the next start.
        Assert.Equal(1, store.PutBackTaken());
        Assert.True(store.Holds(new BlobRef(hash, content.Length)));
        Assert.Empty(Directory.GetFiles(store.Taken));
    }

    [Fact]
    public async Task Only_administrators_sweep_and_one_at_a_time()
    {
        var (ada, _) = await app.ARepositoryAsync();
        await ada.Http.PostJsonAsync("/api/v1/storage/gc", new SweepStorage()).ShouldBeProblemAsync(403, "not-allowed");
        await ada.Http.GetAsync($"/api/v1/storage/gc/{Guid.Empty}").ShouldBeProblemAsync(403, "not-allowed");
        var admin = app.AnAdministrator();
        await admin.GetAsync($"/api/v1/storage/gc/{Guid.Empty}").ShouldBeProblemAsync(404, "storage.sweep-unknown");
        await using var source = Npgsql.NpgsqlDataSource.Create(app.ConnectionString);
        await using var other = await source.OpenConnectionAsync();
        await using var holding = new Npgsql.NpgsqlCommand("select pg_advisory_lock(2054123280)", other);   // 0x7A6F6F10: as another process that sweeps
        await holding.ExecuteNonQueryAsync();
        // Who asks while one runs is told of that one, whichever kind they wanted.
        var answers = await Task.WhenAll(new[] { true, false, true }.Select(dryRun => admin.PostJsonAsync("/api/v1/storage/gc", new SweepStorage(dryRun))));
        var told = await Task.WhenAll(answers.Select(answer => answer.ReadAsync<SweepView>()));
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.Accepted, $"/api/v1/storage/gc/{told[0].Id}"), (answer.StatusCode, answer.Headers.Location?.ToString())));
        Assert.All(told, sweep => Assert.Equal((told[0].Id, told[0].DryRun, SweepState.Running, null), (sweep.Id, sweep.DryRun, sweep.State, sweep.Report)));
        await other.CloseAsync();
        await source.DisposeAsync();   // the lock is the connection's
        var ended = await admin.EndOfAsync(told[0]);
        Assert.Equal((SweepState.Done, told[0].DryRun), (ended.State, ended.Report!.DryRun));
        Assert.NotNull(ended.EndedAt);
        Assert.NotEqual(told[0].Id, (await (await admin.PostJsonAsync("/api/v1/storage/gc", new SweepStorage())).ReadAsync<SweepView>()).Id);
    }

    private async Task<GarbageReport> SweepAsync(bool dryRun = false)
    {
        await Task.Delay(5);   // garbage is what is older than now, and clocks tick
        return await app.AnAdministrator().SweepAsync(dryRun);
    }

    private string PathOf(byte[] content)
    {
        var sha256 = Repo.Hash(content);
        return Path.Combine(app.DataFolder, "artifact", "blobs", sha256[..2], sha256[2..4], sha256);
    }
}
