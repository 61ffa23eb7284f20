using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.Artifact.Capabilities;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Capabilities;

public sealed class CapabilityTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);
    private readonly string _oid = new('a', 64);

    [Fact]
    public async Task It_is_good_for_what_it_was_given_for()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var text = await IssueAsync(ada, repo, Verbs.LfsPut, s_hour, _oid, 10);
        var good = Assert.IsType<RedeemOutcome.Good>(await RedeemAsync(text, Verbs.LfsPut, Role.Contributor, _oid, 10));
        Assert.Equal((ada.Id, repo.View.Id), (good.Caller.UserId!.Value, good.Repository.Id));
        Assert.DoesNotContain("hf_", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Verbs.LfsGet, 'a', 10L, null)]
    [InlineData(Verbs.LfsPut, 'b', 10L, null)]
    [InlineData(Verbs.LfsPut, 'a', 11L, null)]
    [InlineData(Verbs.LfsPut, 'a', 10L, 0L)]
    public async Task Another_verb_blob_size_or_part_is_refused(string verb, char oid, long size, long? part)
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var text = await IssueAsync(ada, repo, Verbs.LfsPut, s_hour, _oid, 10);
        Assert.IsType<RedeemOutcome.Refused>(await RedeemAsync(text, verb, Role.Contributor, new string(oid, 64), size, part));
    }

    [Fact]
    public async Task Forged_and_expired_ones_are_refused()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var text = await IssueAsync(ada, repo, Verbs.XetWrite, s_hour);
        var other = await IssueAsync(ada, repo, Verbs.XetRead, s_hour);
        var last = text[^1] == 'A' ? 'B' : 'A';
        foreach (var forged in new[] { null, "", ".", "x.y", text[1..], text + "A", text[..^1] + last, text.Split('.')[0] + "." + other.Split('.')[1], text.Split('.')[0], new string('A', 10_000) })
            Assert.IsType<RedeemOutcome.Refused>(await RedeemAsync(forged, Verbs.XetWrite, Role.Contributor));
        var expired = await IssueAsync(ada, repo, Verbs.XetWrite, TimeSpan.FromSeconds(-1));
        Assert.IsType<RedeemOutcome.Refused>(await RedeemAsync(expired, Verbs.XetWrite, Role.Contributor));
        Assert.IsType<RedeemOutcome.Good>(await RedeemAsync(text, Verbs.XetWrite, Role.Contributor));
    }

    [Fact]
    public async Task It_ends_within_five_seconds_of_the_right()
    {
        var acme = app.AnOrganisation();
        var (ada, ben, eve) = (app.AUser(acme, Role.Maintainer), app.AUser(acme), app.AUser(acme));
        var repo = await ada.CreateAsync(acme.Name, app.Fresh());
        var (bens, eves) = (await IssueAsync(ben, repo, Verbs.XetWrite, s_hour), await IssueAsync(eve, repo, Verbs.XetWrite, s_hour));
        Assert.IsType<RedeemOutcome.Good>(await RedeemAsync(bens, Verbs.XetWrite, Role.Contributor));
        Assert.IsType<RedeemOutcome.Good>(await RedeemAsync(eves, Verbs.XetWrite, Role.Contributor));
        app.Again(ben, acme, Role.Reader);
        app.Identity.Callers.TryRemove(eve.Id.ToString(), out _);   // disabled, or her token revoked
        var since = System.Diagnostics.Stopwatch.StartNew();
        await UntilAsync<RedeemOutcome.Refused>(() => RedeemAsync(bens, Verbs.XetWrite, Role.Contributor));
        await UntilAsync<RedeemOutcome.Refused>(() => RedeemAsync(eves, Verbs.XetWrite, Role.Contributor));
        app.Again(ben, null);
        await UntilAsync<RedeemOutcome.RepositoryUnknown>(() => RedeemAsync(bens, Verbs.XetWrite, Role.Contributor));
        Assert.True(since.Elapsed < TimeSpan.FromSeconds(10), $"Two rights ended, which took {since.Elapsed}.");
    }

    [Fact]
    public async Task Who_may_only_read_gets_none_that_writes_and_nobody_reads_what_is_public()
    {
        var (ada, repo) = await app.ARepositoryAsync(Visibility.Public);
        var reader = Caller.Of(TestTokens.ClaimsOf(ada.Id, ada.Name, scopes: ["read"]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync(reader, repo, Verbs.XetWrite, s_hour));
        var nobody = Caller.Of(new InternalClaims("", "", InternalClaims.Anonymous, 0, 0, "", "read"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => IssueAsync(nobody, repo, Verbs.LfsPut, s_hour));
        var text = await IssueAsync(nobody, repo, Verbs.LfsGet, s_hour, _oid);
        Assert.True(Assert.IsType<RedeemOutcome.Good>(await RedeemAsync(text, Verbs.LfsGet, null, _oid)).Caller.IsAnonymous);
        // The token's scope was taken back meanwhile.
        var write = await IssueAsync(ada, repo, Verbs.XetWrite, s_hour);
        app.Again(ada, null, scopes: ["read"]);
        await UntilAsync<RedeemOutcome.Refused>(() => RedeemAsync(write, Verbs.XetWrite, Role.Contributor));
    }

    [Fact]
    public async Task A_narrow_credential_gives_a_narrow_one()
    {
        var (ada, repo) = await app.ARepositoryAsync();
        var narrow = Caller.Of(TestTokens.ClaimsOf(ada.Id, ada.Name, only: [repo.View.Id, Guid.CreateVersion7()]));
        var good = Assert.IsType<RedeemOutcome.Good>(await RedeemAsync(await IssueAsync(narrow, repo, Verbs.XetRead, s_hour), Verbs.XetRead, null));
        Assert.Equal([repo.View.Id], good.Caller.OnlyRepositories);
    }

    private static async Task UntilAsync<T>(Func<Task<RedeemOutcome>> redeemAsync) where T : RedeemOutcome
    {
        for (var i = 0; i < 50 && await redeemAsync() is not T; i++) await Task.Delay(100);
        Assert.IsType<T>(await redeemAsync());
    }

    private Task<string> IssueAsync(Person person, Repo repo, string verb, TimeSpan life, string? oid = null, long? size = null) =>
        IssueAsync(Caller.Of(TestTokens.ClaimsOf(person.Id, person.Name)), repo, verb, life, oid, size);

    private Task<string> IssueAsync(Caller caller, Repo repo, string verb, TimeSpan life, string? oid = null, long? size = null) =>
        app.Services.GetRequiredService<IssueCapability>().RunAsync(caller, repo.View.Id, verb, life, CancellationToken.None, oid, size);

    private async Task<RedeemOutcome> RedeemAsync(string? text, string verb, Role? needed, string? oid = null, long? size = null, long? part = null)
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<RedeemCapability>().RunAsync(text, verb, needed, CancellationToken.None, oid, size, part);
    }
}
