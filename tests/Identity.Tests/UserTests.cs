using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Identity.Tests;

/// <summary>What administrators do with users: disabled ones, and guests.</summary>
public sealed class UserTests(IdentityApp app) : IClassFixture<IdentityApp>
{
    private async Task<UserAccountView> UpdateAsync(string name, UpdateUser change)
    {
        using var answer = await app.CallAsync(HttpMethod.Patch, $"/api/v1/users/{name}", app.AdminToken, change);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.ReadAsync<UserAccountView>();
    }

    [Fact]
    public async Task A_disabled_user_is_locked_out_everywhere_and_an_enabled_one_signs_in_anew()
    {
        var person = await app.APersonAsync();
        var session = person.Browser[IdentityApp.SessionCookie];
        Assert.True((await UpdateAsync(person.Name, new UpdateUser(IsDisabled: true))).IsDisabled);
        foreach (var (kind, value) in new[] { ("bearer", person.Token), ("basic", person.Token), ("session", session) })
        {
            using var swap = await app.SwapAsync(kind, value);
            Assert.Equal(HttpStatusCode.Unauthorized, swap.StatusCode);
        }
        var browser = new Browser(app.Client);
        await browser.OpenAsync("/account/sign-in");
        await browser.PostAsync("/account/sign-in", ("name", person.Name), ("password", IdentityApp.Password));
        Assert.Null(browser[IdentityApp.SessionCookie]);

        Assert.False((await UpdateAsync(person.Name, new UpdateUser(IsDisabled: false))).IsDisabled);
        using var token = await app.SwapAsync("bearer", person.Token);
        Assert.Equal(HttpStatusCode.OK, token.StatusCode);
        using var old = await app.SwapAsync("session", session);
        Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
    }

    [Fact]
    public async Task The_next_internal_token_says_that_somebody_is_a_guest()
    {
        var person = await app.APersonAsync();
        foreach (var guest in new[] { true, false })
        {
            Assert.Equal(guest, (await UpdateAsync(person.Name, new UpdateUser(IsGuest: guest))).IsGuest);
            using var swap = await app.SwapAsync("bearer", person.Token);
            var claims = JsonDocument.Parse(WebEncoders.Base64UrlDecode((await swap.ReadAsync<SwapAnswer>()).Token.Split('.')[1])).RootElement;
            Assert.Equal(guest, claims.TryGetProperty("guest", out var said) && said.GetBoolean());
            using var me = await app.GetAsync("/api/v1/users/me", person.Token);
            Assert.Equal(guest, (await me.ReadAsync<MeView>()).IsGuest);
        }
    }

    [Fact]
    public async Task Administrators_alone_see_and_change_users_and_none_shuts_themself_out()
    {
        var person = await app.APersonAsync(role: Role.Owner);
        using var list = await app.GetAsync("/api/v1/users", person.Token);
        Assert.Equal(HttpStatusCode.Forbidden, list.StatusCode);
        using var patch = await app.CallAsync(HttpMethod.Patch, "/api/v1/users/admin", person.Token, new UpdateUser(IsDisabled: true));
        Assert.Equal(HttpStatusCode.Forbidden, patch.StatusCode);
        using var all = await app.GetAsync("/api/v1/users?limit=500", app.AdminToken);
        Assert.Contains((await all.ReadAsync<Page<UserAccountView>>()).Items, user => user.Name == person.Name && !user.IsAdministrator);

        foreach (var change in new[] { new UpdateUser(IsDisabled: true), new UpdateUser(IsGuest: true) })
        {
            using var self = await app.CallAsync(HttpMethod.Patch, "/api/v1/users/ADMIN", app.AdminToken, change);
            await self.ShouldBeProblemAsync(HttpStatusCode.Conflict, "user.yourself");
        }
        using var unknown = await app.CallAsync(HttpMethod.Patch, "/api/v1/users/nobody-at-all", app.AdminToken, new UpdateUser(IsGuest: true));
        await unknown.ShouldBeProblemAsync(HttpStatusCode.NotFound, "user.unknown");
    }
}
