using System.Net;
using Xunit;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Identity.Tests;

/// <summary>T3 to T5, beside what OAuthTests has: another client, a narrowed or disabled user, reuse.</summary>
[Collection(ThreatsToTokens.Name)]
public sealed class T4T5CodesAndRefresh(IdentityApp app)
{
    private readonly OAuthFlow _cli = new(app);

    private Task<(OAuthFlow Flow, ClientView View)> StrangerAsync() =>
        OAuthFlow.OfNewClientAsync(app, new CreateClient("Stranger", ["https://stranger.test/cb"], ["openid", "read"]));

    [Fact]
    public async Task T3_Another_clients_redirect_uri_is_a_page_and_no_redirect()
    {
        var (stranger, _) = await StrangerAsync();
        foreach (var (client, uri) in new[] { ("zoo-cli", "https://stranger.test/cb"), (stranger.ClientId, "http://127.0.0.1:51234/callback"), (stranger.ClientId, "https://stranger.test/cb/"), (stranger.ClientId, "https://stranger.test:443/cb") })
        {
            using var answer = await app.Client.GetAsync(_cli.Authorize("read", ("client_id", client), ("redirect_uri", uri)));
            Assert.Equal((HttpStatusCode.BadRequest, null), (answer.StatusCode, answer.Headers.Location));
        }
    }

    [Fact]
    public async Task T4_A_code_is_its_clients_alone()
    {
        var (stranger, _) = await StrangerAsync();
        var code = await _cli.CodeAsync(await app.APersonAsync());
        Assert.Equal("invalid_grant", OAuthFlow.Text((await stranger.RedeemAsync(code)).Body, "error"));
        Assert.Equal(HttpStatusCode.OK, (await _cli.RedeemAsync(code)).Status);
    }

    [Fact]
    public async Task T5_A_refresh_token_is_its_clients_alone_and_a_strangers_try_ends_nothing()
    {
        var (stranger, _) = await StrangerAsync();
        var refresh = OAuthFlow.Text(await _cli.TokensAsync(await app.APersonAsync()), "refresh_token");
        foreach (var scope in new[] { "", "read admin" })
            Assert.Equal("invalid_grant", OAuthFlow.Text((await stranger.RefreshAsync(refresh, scope)).Body, "error"));
        Assert.Equal(HttpStatusCode.OK, (await _cli.RefreshAsync(refresh)).Status);
    }

    [Fact]
    public async Task T5_A_disabled_users_refresh_token_is_dead_and_stays_so()
    {
        var person = await app.APersonAsync();
        var tokens = await _cli.TokensAsync(person);
        foreach (var disabled in new[] { true, false })
        {
            using var changed = await app.CallAsync(HttpMethod.Patch, $"/api/v1/users/{person.Name}", app.AdminToken, new UpdateUser(IsDisabled: disabled));
            Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
            Assert.Equal("invalid_grant", OAuthFlow.Text((await _cli.RefreshAsync(OAuthFlow.Text(tokens, "refresh_token"))).Body, "error"));
            Assert.Equal(HttpStatusCode.Unauthorized, await OAuthFlow.SwapAsync(app, OAuthFlow.Text(tokens, "access_token")));
        }
    }

    [Fact]
    public async Task T5_A_used_token_after_the_grace_ends_the_family_and_is_audited()
    {
        var person = await app.APersonAsync();
        var first = OAuthFlow.Text(await _cli.TokensAsync(person), "refresh_token");
        var second = (await _cli.RefreshAsync(first)).Body;
        await app.SqlAsync($"update grants set refreshed_at = refreshed_at - interval '11 seconds' where user_id = (select id from owners where name = '{person.Name}')");
        Assert.Equal("invalid_grant", OAuthFlow.Text((await _cli.RefreshAsync(first)).Body, "error"));
        Assert.Equal("invalid_grant", OAuthFlow.Text((await _cli.RefreshAsync(OAuthFlow.Text(second, "refresh_token"))).Body, "error"));
        Assert.Equal(HttpStatusCode.Unauthorized, await OAuthFlow.SwapAsync(app, OAuthFlow.Text(second, "access_token")));
        Assert.Equal(1L, await app.SqlAsync($"""
            select count(*) from audit_trail a join grants g on g.id::text = a.subject
            where a.action = 'grant.revoked' and g.user_id = (select id from owners where name = '{person.Name}')
            """));
    }

    [Fact]
    public async Task T5_An_idle_one_is_dead_and_a_confidential_clients_lives_three_times_as_long()
    {
        var person = await app.APersonAsync();
        var refresh = OAuthFlow.Text(await _cli.TokensAsync(person), "refresh_token");
        await app.SqlAsync($"update grants set refreshed_at = now() - interval '14 days' where user_id = (select id from owners where name = '{person.Name}')");
        Assert.Equal("invalid_grant", OAuthFlow.Text((await _cli.RefreshAsync(refresh)).Body, "error"));
        var (app_, _) = await OAuthFlow.OfNewClientAsync(app, new CreateClient("Site", ["https://site.test/cb"], ["openid", "read"], Confidential: true));
        await app_.TokensAsync(person, "read");
        var days = await app.SqlAsync($"select round(extract(epoch from expires_at - created_at) / 86400)::int from grants where client_id = '{app_.ClientId}'");
        Assert.Equal(90, days);
    }
}
