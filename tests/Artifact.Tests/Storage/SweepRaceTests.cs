using System.Net;
using System.Net.Http.Json;
using Xunit.Abstractions;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Storage;

public sealed class ArtifactOnS3WithShortGrace : ArtifactOnS3
{
    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings) { ["Storage:Grace"] = "00:00:00.030" };
}

public sealed class ArtifactWithShortGrace : ArtifactApp
{
    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["Storage:Grace"] = "00:00:00.030" };
}

/// <summary>The same few bytes are sent, committed, read and given up by many, while garbage is swept all the time (threats.md, U8).</summary>
public sealed class SweepRaceTests(ArtifactWithShortGrace local, ArtifactOnS3WithShortGrace s3, ITestOutputHelper output) : IClassFixture<ArtifactWithShortGrace>, IClassFixture<ArtifactOnS3WithShortGrace>
{
    [Fact]
    public Task What_is_committed_during_sweeps_is_never_lost() => RaceAsync(local, 100);

    [CephFact]
    public Task What_is_committed_during_sweeps_is_never_lost_in_a_bucket() => RaceAsync(s3, 40);

    [CephFact, Trait("Category", "Long")]
    public Task What_is_committed_during_2_000_sweeps_is_never_lost_in_a_bucket() => RaceAsync(s3, 2_000);

    [Fact, Trait("Category", "Long")]
    public Task What_is_committed_during_10_000_sweeps_is_never_lost() => RaceAsync(local, 10_000);

    private async Task RaceAsync(ArtifactApp app, int races)
    {
        byte[][] contents = [.. Enumerable.Range(0, 6).Select(i => $"content {i} {Guid.CreateVersion7()}".Utf8())];
        var (swept, sweeps, committed, refused, left, wanted) = (0, 0, 0, 0, races, races / 100 + 1);
        using var done = new CancellationTokenSource();
        var sweeping = Task.Run(async () =>
        {
            var admin = app.AnAdministrator();
            while (!done.IsCancellationRequested)
            {
                swept += (await admin.SweepAsync()).BlobCount;
                sweeps++;
            }
        });
        try
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
            {
                var random = new Random(i);
                var person = app.AUser();
                while (Interlocked.Decrement(ref left) >= 0 || Volatile.Read(ref swept) < wanted && Volatile.Read(ref committed) < 20 * races)   // few sweeps end on a busy machine
                {
                    var content = contents[random.Next(contents.Length)];
                    var repo = await person.CreateAsync(person.Name, app.Fresh());
                    for (var committedIt = false; !committedIt;)
                    {
                        using var asked = await person.Http.PostJsonAsync($"{repo.Url}/blobs/missing", new MissingBlobs([new BlobReference(Repo.Hash(content), content.Length)]));
                        await asked.ShouldBeAsync(HttpStatusCode.OK);
                        if ((await asked.ReadAsync<MissingBlobsAnswer>()).Missing.Count > 0) await repo.PutBlobAsync(content);
                        using var answer = await repo.TryCommitAsync(null, "race", new FileOperation("a.txt", Repo.Hash(content)));
                        committedIt = answer.StatusCode == HttpStatusCode.Created;
                        if (committedIt) Interlocked.Increment(ref committed);
                        else
                        {
                            // Swept in between: the commit says so, and the bytes are sent again.
                            await answer.ShouldBeProblemAsync(422, "blob.missing");
                            Interlocked.Increment(ref refused);
                        }
                    }
                    await Task.Delay(random.Next(40));
                    using var read = await person.Http.GetAsync($"{repo.Url}/files/main/a.txt");
                    Assert.True(read.StatusCode == HttpStatusCode.OK, $"lost: {await read.Content.ReadAsStringAsync()}");
                    Assert.Equal(content, await read.Content.ReadAsByteArrayAsync());
                    using var gone = await person.Http.DeleteAsync(repo.Url);
                    await gone.ShouldBeAsync(HttpStatusCode.NoContent);
                    if (random.Next(3) == 0) await Task.Delay(60);   // let it become garbage
                }
            })));
        }
        finally
        {
            await done.CancelAsync();
            await sweeping;
        }
        output.WriteLine($"{committed} commits, {refused} refused and sent again, {sweeps} sweeps took {swept} blobs");
        Assert.True(swept >= wanted, $"the sweeps took only {swept} blobs: they did not race");
    }
}

public sealed class ArtifactProcessWithoutGrace : ArtifactProcess
{
    protected override string Grace => "00:00:00";
}

public sealed class SweepKillTests(ArtifactProcessWithoutGrace artifact) : IClassFixture<ArtifactProcessWithoutGrace>
{
    [Fact]
    public Task A_sweep_that_is_killed_loses_nothing_that_is_referred_to() => KillAsync(trials: 1, garbage: 40);

    /// <summary>Rows are gone and no file is; one file is taken; it goes back at the start, which is killed too.</summary>
    [Fact]
    public async Task Killed_between_its_steps_it_loses_nothing_either_and_the_next_start_puts_back_what_it_held()
    {
        var repo = await artifact.ARepositoryAsync();
        var kept = "kept".Utf8();
        var head = await repo.PushAsync(null, ("kept.txt", kept));
        foreach (var places in new[] { new[] { "sweep.rows-gone" }, ["take.renamed", "take.put-back"] })
        {
            var garbage = Uploads.UploadTests.RandomBytes(500);
            await repo.PutBlobAsync(garbage);
            await Task.Delay(20);
            foreach (var place in places)
            {
                await File.WriteAllTextAsync(artifact.Failpoint, place);
                if (place == places[0]) await Assert.ThrowsAnyAsync<HttpRequestException>(() => artifact.AnAdministrator().SweepAsync());
                else await Assert.ThrowsAnyAsync<Exception>(artifact.RunAsync);
                Assert.True(await artifact.DiedAsync(), place);
            }
            File.Delete(artifact.Failpoint);
            await artifact.RunAsync();
            Assert.Empty(Directory.GetFiles(Path.Combine(artifact.DataFolder, "artifact", "taken")));
            Assert.Equal(kept, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{head.Id}/kept.txt"));
            // Its row is gone: to everybody it has to be sent again, and is a blob again then, which the sweep leaves alone.
            await repo.TryCommitAsync(head.Id, "x", new FileOperation("g.bin", Repo.Hash(garbage))).ShouldBeProblemAsync(422, "blob.missing");
            head = await repo.PushAsync(head.Id, ("g.bin", garbage));
            await artifact.AnAdministrator().SweepAsync();
            Assert.Equal(garbage, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{head.Id}/g.bin"));
        }
    }

    [Fact, Trait("Category", "Long")]
    public Task Twenty_sweeps_that_are_killed_lose_nothing_that_is_referred_to() => KillAsync(trials: 20, garbage: 150);

    private async Task KillAsync(int trials, int garbage)
    {
        var random = new Random(1);
        for (var trial = 0; trial < trials; trial++)
        {
            var repo = await artifact.ARepositoryAsync();
            var files = Enumerable.Range(0, 10).Select(i => ($"f{i}.txt", $"kept {trial} {i}".Utf8())).ToArray();
            var head = await repo.PushAsync(null, files);
            for (var i = 0; i < garbage; i++) await repo.PutBlobAsync($"garbage {trial} {i}".Utf8());
            var sweep = artifact.AnAdministrator().PostJsonAsync("/api/v1/storage/gc", new SweepStorage(DryRun: false));
            await Task.Delay(random.Next(5, 150));
            await artifact.KillAsync();
            // What the kill leaves of a sweep's row, also when that had just been done.
            var cut = Guid.CreateVersion7();
            await artifact.ExecuteAsync($"delete from sweeps; insert into sweeps (id, dry_run, state, step, begun_at) values ('{cut}', false, 'running', 'deleting blobs', now())");
            try
            {
                using var answer = await sweep;   // it may have been done just before
            }
            catch (HttpRequestException)
            {
            }
            await artifact.RunAsync();
            foreach (var (path, content) in files) Assert.Equal(content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{head.Id}/{path}"));
            var admin = artifact.AnAdministrator();
            var told = await admin.GetJsonAsync<SweepView>($"/api/v1/storage/gc/{cut}");
            Assert.Equal((SweepState.Interrupted, true), (told.State, told.EndedAt is not null));
            await admin.SweepAsync();
            foreach (var (path, content) in files) Assert.Equal(content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{head.Id}/{path}"));
            Assert.Empty(Directory.GetFiles(Path.Combine(artifact.DataFolder, "artifact", "taken")));
        }
    }
}
