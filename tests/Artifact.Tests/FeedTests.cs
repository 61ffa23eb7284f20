using System.Net;
using System.Net.Http.Json;
using Xunit.Abstractions;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests;

/// <summary>Artifact as a reader of Identity's feed, and what its own feed tells of grants.</summary>
public sealed class FeedTests(ArtifactApp app, ITestOutputHelper output) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task A_reader_that_missed_1_000_owners_catches_up_and_hearing_of_them_twice_or_from_a_restored_feed_changes_nothing()
    {
        var acme = app.AnOrganisation();
        var ada = app.AUser(acme);
        var repo = await ada.CreateAsync(acme.Name, "kit");
        for (var i = 0; i < 1_000; i++) app.Identity.Put(Guid.CreateVersion7(), OwnerKind.User, $"many-{i}");
        app.Identity.FeedRuns = true;
        var replica = new Replica(app.ConnectionString, "identity", "select * from owners", "select id, owner_id, name, readers, deleted_at from repositories");
        var (time, longest) = await replica.ReachAsync(app.Identity.Sequence);
        output.WriteLine($"1,000 changes in {time.TotalSeconds:0.0} s, longest transaction {longest.TotalSeconds:0.00} s");
        await replica.ShouldBearRepetitionAsync();

        var before = await replica.TellAsync();
        app.Identity.Restore();
        app.Identity.Put(acme.Id, OwnerKind.Organisation, "restored");
        for (var i = 0; i < 600 && (await ada.Http.GetAsync("/api/v1/repositories/restored/kit")).StatusCode != HttpStatusCode.OK; i++) await Task.Delay(100);
        Assert.Equal(before, (await replica.TellAsync()).Replace("\"restored\"", $"\"{acme.Name}\"", StringComparison.Ordinal));
        Assert.Equal(repo.View.Id, (await ada.Http.GetJsonAsync<RepositoryView>("/api/v1/repositories/restored/kit")).Id);
    }

    [Fact]
    public async Task The_feed_tells_what_single_users_were_granted_until_it_is_taken_back()
    {
        var (owner, repo) = await app.ARepositoryAsync();
        var ben = app.AUser();
        using (var set = await owner.Http.PutAsJsonAsync($"{repo.Url}/grants/{ben.Name}", new SetGrant(Role.Contributor), ZooJson.Options)) set.EnsureSuccessStatusCode();
        Assert.Equal([new GrantState(ben.Id, Role.Contributor)], await GrantsAsync());
        using (var taken = await owner.Http.DeleteAsync($"{repo.Url}/grants/{ben.Name}")) taken.EnsureSuccessStatusCode();
        Assert.Empty((await GrantsAsync())!);

        async Task<IReadOnlyList<GrantState>?> GrantsAsync() => (await Feed.ReadAsync(app)).Single(change => change.Subject == repo.View.Id).State!.Grants;
    }
}
