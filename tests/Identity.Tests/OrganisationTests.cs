using System.Net;
using System.Text.RegularExpressions;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Owners;

namespace ZooPlatform.Identity.Tests;

public sealed partial class OrganisationTests(IdentityApp app) : IClassFixture<IdentityApp>
{
    [Theory]
    [InlineData("acme", true)]
    [InlineData("A", true)]
    [InlineData("a.b_c-d9", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("a.", false)]
    [InlineData("a--b", false)]
    [InlineData("a..b", false)]
    [InlineData("a.git", false)]
    [InlineData("a.LOCK", false)]
    [InlineData("Admin", false)]
    [InlineData("models", false)]
    [InlineData("v2", false)]
    [InlineData("a/b", false)]
    [InlineData("a\n", false)]
    [InlineData("аcme", false)]
    public void A_name_follows_the_rule(string name, bool valid) => Assert.Equal(valid, OwnerName.TryParse(name, out _));

    [Fact]
    public void A_name_has_at_most_96_characters()
    {
        Assert.True(OwnerName.TryParse(new string('a', 96), out _));
        Assert.False(OwnerName.TryParse(new string('a', 97), out _));
    }

    [Fact]
    public async Task Names_are_unique_by_case_fold_over_users_and_organisations()
    {
        var person = await app.APersonAsync();
        foreach (var name in new[] { person.Name.ToUpperInvariant(), person.Organisation.ToUpperInvariant() })
        {
            using var answer = await app.CallAsync(HttpMethod.Post, "/api/v1/organisations", person.Token, new CreateOrganisation(name));
            await answer.ShouldBeProblemAsync(HttpStatusCode.Conflict, "name.taken");
        }
    }

    [Fact]
    public async Task Of_many_who_take_a_name_at_once_one_gets_it()
    {
        var name = IdentityApp.Fresh("race");
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            app.CallAsync(HttpMethod.Post, "/api/v1/organisations", app.AdminToken, new CreateOrganisation(name))));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.Equal(9, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task The_last_owner_stays()
    {
        var organisation = await app.AnOrganisationAsync();
        using var leave = await app.CallAsync(HttpMethod.Delete, $"/api/v1/organisations/{organisation}/members/admin", app.AdminToken);
        await leave.ShouldBeProblemAsync(HttpStatusCode.Conflict, "organisation.last-owner");
        using var demote = await app.CallAsync(HttpMethod.Put, $"/api/v1/organisations/{organisation}/members/admin", app.AdminToken, new SetMember(Role.Reader));
        await demote.ShouldBeProblemAsync(HttpStatusCode.Conflict, "organisation.last-owner");

        var other = await app.APersonAsync(organisation, Role.Owner);
        using var now = await app.CallAsync(HttpMethod.Delete, $"/api/v1/organisations/{organisation}/members/admin", app.AdminToken);
        Assert.Equal(HttpStatusCode.NoContent, now.StatusCode);
        using var last = await app.CallAsync(HttpMethod.Delete, $"/api/v1/organisations/{organisation}/members/{other.Name}", other.Token);
        await last.ShouldBeProblemAsync(HttpStatusCode.Conflict, "organisation.last-owner");
    }

    [Fact]
    public async Task Two_owners_who_leave_at_once_leave_one()
    {
        var organisation = await app.AnOrganisationAsync();
        var other = await app.APersonAsync(organisation, Role.Owner);
        var answers = await Task.WhenAll(
            app.CallAsync(HttpMethod.Delete, $"/api/v1/organisations/{organisation}/members/admin", app.AdminToken),
            app.CallAsync(HttpMethod.Delete, $"/api/v1/organisations/{organisation}/members/{other.Name}", other.Token));
        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.Conflict], answers.Select(answer => answer.StatusCode).Order());
    }

    [Theory]
    [InlineData(Role.Reader)]
    [InlineData(Role.Contributor)]
    [InlineData(Role.Maintainer)]
    public async Task Only_owners_manage_members(Role role)
    {
        var person = await app.APersonAsync(role: role);
        var path = $"/api/v1/organisations/{person.Organisation}";
        using var list = await app.GetAsync($"{path}/members", person.Token);
        Assert.Contains((await list.ReadAsync<Page<MemberView>>()).Items, member => member.Name == person.Name && member.Role == role);
        using var promote = await app.CallAsync(HttpMethod.Put, $"{path}/members/{person.Name}", person.Token, new SetMember(Role.Owner));
        await promote.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "organisation.role-needed");
        using var invite = await app.CallAsync(HttpMethod.Post, $"{path}/invitations", person.Token, new CreateInvitation("x@example.org", Role.Reader));
        await invite.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "organisation.role-needed");
        using var remove = await app.CallAsync(HttpMethod.Delete, $"{path}/members/admin", person.Token);
        await remove.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "organisation.role-needed");
        using var leave = await app.CallAsync(HttpMethod.Delete, $"{path}/members/{person.Name}", person.Token);
        Assert.Equal(HttpStatusCode.NoContent, leave.StatusCode);
    }

    [Fact]
    public async Task Strangers_do_not_see_the_members()
    {
        var stranger = await app.APersonAsync();
        using var answer = await app.GetAsync($"/api/v1/organisations/{await app.AnOrganisationAsync()}/members", stranger.Token);
        await answer.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "organisation.not-a-member");
    }

    [Fact]
    public async Task A_role_is_in_the_next_internal_token()
    {
        var person = await app.APersonAsync(role: Role.Reader);
        using var promoted = await app.CallAsync(HttpMethod.Put, $"/api/v1/organisations/{person.Organisation}/members/{person.Name}", app.AdminToken, new SetMember(Role.Maintainer));
        Assert.Equal(HttpStatusCode.OK, promoted.StatusCode);
        using var me = await app.GetAsync("/api/v1/users/me", person.Token);
        Assert.Equal(Role.Maintainer, (await me.ReadAsync<MeView>()).Organisations.Single().Role);
    }

    [Fact]
    public async Task An_invitations_form_and_its_cookie_are_all_a_newcomer_needs()
    {
        var link = new Uri((await app.AnInvitationAsync(await app.AnOrganisationAsync(), Role.Contributor)).Link!).PathAndQuery;
        var (browser, name) = (new Browser(app.Client), IdentityApp.Fresh("user"));
        using var form = await browser.OpenAsync(link);
        Assert.Equal(["code", "name", "password", "form_token"],
            InputNames().Matches(await form.Content.ReadAsStringAsync()).Select(match => match.Groups[1].Value));

        using var joined = await browser.PostAsync(link, ("code", IdentityApp.Code(link)), ("name", name), ("password", IdentityApp.Password));
        Assert.Equal((HttpStatusCode.SeeOther, "/account"), (joined.StatusCode, joined.Headers.Location!.ToString()));
        using var account = await browser.OpenAsync("/account");
        Assert.Contains(name, await account.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var swapped = await app.SwapAsync("session", browser[IdentityApp.SessionCookie]);
        using var made = await app.SendAsync(HttpMethod.Post, "/api/v1/tokens", (await swapped.ReadAsync<SwapAnswer>()).Token, new CreateToken("laptop"));
        using var me = await app.GetAsync("/api/v1/users/me", (await made.ReadAsync<TokenView>()).Token);
        Assert.Equal(name, (await me.ReadAsync<MeView>()).Name);
    }

    [GeneratedRegex("<input [^>]*?name=\"([^\"]+)\"")]
    private static partial Regex InputNames();

    [Fact]
    public async Task An_invitation_works_once()
    {
        var organisation = await app.AnOrganisationAsync();
        var invitation = await app.AnInvitationAsync(organisation, Role.Contributor);
        var code = IdentityApp.Code(invitation.Link!);
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
        {
            var browser = new Browser(app.Client);
            await browser.OpenAsync($"/account/invitation?code={code}");
            return await browser.PostAsync("/account/invitation", ("code", code), ("name", IdentityApp.Fresh("user")), ("password", IdentityApp.Password));
        }));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.SeeOther);
        using var open = await app.GetAsync($"/api/v1/organisations/{organisation}/invitations", app.AdminToken);
        Assert.Empty((await open.ReadAsync<Page<InvitationView>>()).Items);
    }

    [Fact]
    public async Task A_refused_name_or_password_leaves_the_invitation_open()
    {
        var code = IdentityApp.Code((await app.AnInvitationAsync(await app.AnOrganisationAsync(), Role.Reader)).Link!);
        var browser = new Browser(app.Client);
        await browser.OpenAsync($"/account/invitation?code={code}");
        foreach (var (name, password, why) in new[]
        {
            ("admin", IdentityApp.Password, "cannot be a name"), (IdentityApp.Fresh("u"), "short", "12 to 128"),
            (IdentityApp.Fresh("u"), "passwordpassword", "everybody tries first"), ((await app.APersonAsync()).Name, IdentityApp.Password, "is taken"),
        })
        {
            using var again = await browser.PostAsync("/account/invitation", ("code", code), ("name", name), ("password", password));
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
            Assert.Contains(why, await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        using var joined = await browser.PostAsync("/account/invitation", ("code", code), ("name", IdentityApp.Fresh("u")), ("password", IdentityApp.Password));
        Assert.Equal(HttpStatusCode.SeeOther, joined.StatusCode);
    }

    [Fact]
    public async Task A_signed_in_person_joins_as_who_they_are()
    {
        var person = await app.APersonAsync();
        var organisation = await app.AnOrganisationAsync();
        var code = IdentityApp.Code((await app.AnInvitationAsync(organisation, Role.Maintainer)).Link!);
        await person.Browser.OpenAsync($"/account/invitation?code={code}");
        using var joined = await person.Browser.PostAsync("/account/invitation?handler=Join", ("code", code));
        Assert.Equal(HttpStatusCode.SeeOther, joined.StatusCode);
        using var mine = await app.GetAsync("/api/v1/organisations", person.Token);
        Assert.Contains((await mine.ReadAsync<Page<OrganisationView>>()).Items, o => o.Name == organisation && o.Role == Role.Maintainer);
    }

    [Fact]
    public async Task A_revoked_invitation_is_not_open()
    {
        var organisation = await app.AnOrganisationAsync();
        var invitation = await app.AnInvitationAsync(organisation, Role.Reader);
        using var revoked = await app.CallAsync(HttpMethod.Delete, $"/api/v1/organisations/{organisation}/invitations/{invitation.Id}", app.AdminToken);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        using var page = await app.Client.GetAsync(new Uri(invitation.Link!).PathAndQuery);
        Assert.Contains("is not open", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_feed_and_the_lookups_tell_services_who_has_which_name()
    {
        using var own = await app.ClientTokenAsync("artifact", "artifact-secret", Scopes.IdentityReadAll);
        var token = (await own.ReadAsync<SwapAnswer>()).Token;
        var organisation = await app.AnOrganisationAsync();
        using var byName = await app.SendAsync(HttpMethod.Get, $"/internal/owners/by-name/{organisation.ToUpperInvariant()}", token);
        var owner = await byName.ReadAsync<OwnerState>();
        Assert.Equal((OwnerKind.Organisation, organisation), (owner.Kind, owner.Name));
        using var byId = await app.SendAsync(HttpMethod.Get, $"/internal/owners/{owner.Id}", token);
        Assert.Equal(owner, await byId.ReadAsync<OwnerState>());
        using var page = await app.SendAsync(HttpMethod.Get, "/internal/changes?after=0&limit=1000", token);
        var changes = await page.ReadAsync<ChangePage<OwnerState>>();
        Assert.Equal(owner, changes.Items.Single(change => change.Subject == owner.Id).State);
        Assert.Contains(changes.Items, change => change.State is { Name: "admin", Kind: OwnerKind.User });
    }
}
