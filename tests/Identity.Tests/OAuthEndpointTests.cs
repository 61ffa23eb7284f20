using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Identity.Tests;

/// <summary>Introspection, revocation, userinfo, end session, cross-origin calls, prompts, consents.</summary>
public sealed class OAuthEndpointTests(IdentityApp app) : IClassFixture<IdentityApp>
{
    private const string Goodbye = "https://site.test/bye";

    private Task<(OAuthFlow Flow, ClientView View)> ASiteAsync() => OAuthFlow.OfNewClientAsync(app, new CreateClient(
        "Site", ["https://site.test/cb"], ["openid", "profile", "email", "read"], Confidential: true, PostLogoutRedirectUris: [Goodbye], Origins: ["https://site.test"]));

    [Fact]
    public async Task A_confidential_client_learns_of_its_own_tokens_and_of_no_others()
    {
        var (site, _) = await ASiteAsync();
        var (other, _) = await ASiteAsync();
        var person = await app.APersonAsync();
        var tokens = await site.TokensAsync(person, "openid read");
        var access = OAuthFlow.Text(tokens, "access_token");
        var refresh = OAuthFlow.Text(tokens, "refresh_token");

        var (_, told) = await site.PostAsync("/connect/introspection", ("token", access));
        Assert.True(told.GetProperty("active").GetBoolean());
        Assert.Equal(("openid read", site.ClientId, "Bearer", IdentityApp.Origin, IdentityApp.Origin),
            (OAuthFlow.Text(told, "scope"), OAuthFlow.Text(told, "client_id"), OAuthFlow.Text(told, "token_type"), OAuthFlow.Text(told, "iss"), OAuthFlow.Text(told, "aud")));
        using var me = await app.GetAsync("/api/v1/users/me", access);
        Assert.Equal((await me.ReadAsync<MeView>()).Id.ToString(), OAuthFlow.Text(told, "sub"));
        Assert.Equal(600, told.GetProperty("exp").GetInt64() - told.GetProperty("iat").GetInt64());
        var (_, ofRefresh) = await site.PostAsync("/connect/introspection", ("token", refresh));
        Assert.True(ofRefresh.GetProperty("active").GetBoolean());

        foreach (var (who, token) in new[] { (other, access), (other, refresh), (site, person.Token), (site, "unknown"), (site, await OfCliAsync(person)) })
        {
            var (status, body) = await who.PostAsync("/connect/introspection", ("token", token));
            Assert.Equal((HttpStatusCode.OK, """{"active":false}"""), (status, body.GetRawText()));
        }
        using var anonymous = await app.Client.PostAsync("/connect/introspection", new FormUrlEncodedContent([new("token", access)]));
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await new OAuthFlow(app).PostAsync("/connect/introspection", ("token", access))).Status);

        Assert.Equal(HttpStatusCode.OK, (await site.PostAsync("/connect/revocation", ("token", access), ("token_type_hint", "refresh_token"))).Status);
        Assert.False((await site.PostAsync("/connect/introspection", ("token", access))).Body.GetProperty("active").GetBoolean());
        Assert.True((await site.PostAsync("/connect/introspection", ("token", refresh))).Body.GetProperty("active").GetBoolean());
        await app.SqlAsync($"update users set is_disabled = true where user_name = '{person.Name}'");
        Assert.False((await site.PostAsync("/connect/introspection", ("token", refresh))).Body.GetProperty("active").GetBoolean());
    }

    private async Task<string> OfCliAsync(Person person) => OAuthFlow.Text(await new OAuthFlow(app).TokensAsync(person), "access_token");

    [Fact]
    public async Task A_stranger_revokes_nothing_and_a_refresh_token_takes_all_with_it()
    {
        var (site, _) = await ASiteAsync();
        var (other, _) = await ASiteAsync();
        var tokens = await site.TokensAsync(await app.APersonAsync(), "read");
        foreach (var name in new[] { "access_token", "refresh_token" })
            Assert.Equal(HttpStatusCode.OK, (await other.PostAsync("/connect/revocation", ("token", OAuthFlow.Text(tokens, name)))).Status);
        Assert.Equal(HttpStatusCode.OK, await OAuthFlow.SwapAsync(app, OAuthFlow.Text(tokens, "access_token")));
        using var unproven = await app.Client.PostAsync("/connect/revocation", new FormUrlEncodedContent([new("client_id", site.ClientId), new("token", OAuthFlow.Text(tokens, "refresh_token"))]));
        Assert.Equal(HttpStatusCode.Unauthorized, unproven.StatusCode);
        await site.PostAsync("/connect/revocation", ("token", OAuthFlow.Text(tokens, "refresh_token")));
        Assert.Equal(HttpStatusCode.Unauthorized, await OAuthFlow.SwapAsync(app, OAuthFlow.Text(tokens, "access_token")));
        Assert.Equal("invalid_grant", OAuthFlow.Text((await site.RefreshAsync(OAuthFlow.Text(tokens, "refresh_token"))).Body, "error"));
    }

    [Fact]
    public async Task Userinfo_answers_GET_and_POST_with_the_subject_of_the_ID_token()
    {
        var (site, _) = await ASiteAsync();
        var person = await app.APersonAsync();
        var tokens = await site.TokensAsync(person, "openid profile");
        var claims = JsonDocument.Parse(WebEncoders.Base64UrlDecode(OAuthFlow.Text(tokens, "id_token").Split('.')[1])).RootElement;
        Assert.Equal("pwd", claims.GetProperty("amr")[0].GetString());
        Assert.True(Guid.TryParse(claims.GetProperty("sid").GetString(), out _));
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post })
        {
            using var answer = await OAuthFlow.UserInfoAsync(app, OAuthFlow.Text(tokens, "access_token"), method);
            var told = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal((claims.GetProperty("sub").GetString(), person.Name), (told.GetProperty("sub").GetString(), told.GetProperty("preferred_username").GetString()));
        }
        using var narrow = await OAuthFlow.UserInfoAsync(app, OAuthFlow.Text(await site.TokensAsync(person, "read"), "access_token"));
        Assert.Equal((HttpStatusCode.Forbidden, "Bearer"), (narrow.StatusCode, narrow.Headers.WwwAuthenticate.Single().Scheme));
        using var wrong = await OAuthFlow.UserInfoAsync(app, person.Token);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
    }

    private static string Logout(params (string Name, string Value)[] parameters) =>
        QueryHelpers.AddQueryString("/connect/logout", parameters.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)));

    [Fact]
    public async Task A_client_with_the_users_ID_token_signs_them_out_and_gets_them_back()
    {
        var (site, _) = await ASiteAsync();
        var person = await app.APersonAsync();
        var hint = OAuthFlow.Text(await site.TokensAsync(person, "openid"), "id_token");
        using var wrongPlace = await person.Browser.OpenAsync(Logout(("id_token_hint", hint), ("post_logout_redirect_uri", Goodbye + "/x")));
        Assert.Equal(HttpStatusCode.BadRequest, wrongPlace.StatusCode);
        using var away = await person.Browser.OpenAsync(Logout(("id_token_hint", hint), ("client_id", site.ClientId), ("post_logout_redirect_uri", Goodbye), ("state", "a&b")));
        Assert.Equal((HttpStatusCode.SeeOther, $"{Goodbye}?state=a%26b"), (away.StatusCode, away.Headers.Location!.OriginalString));
        Assert.Null(person.Browser[IdentityApp.SessionCookie]);
        using var again = await person.Browser.OpenAsync(Logout(("id_token_hint", hint), ("post_logout_redirect_uri", Goodbye)));   // nobody is signed in any more
        Assert.Equal(Goodbye, again.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Anybody_elses_link_to_sign_out_asks()
    {
        var (site, _) = await ASiteAsync();
        var (person, other) = (await app.APersonAsync(), await app.APersonAsync());
        var session = person.Browser[IdentityApp.SessionCookie];
        var (own, foreign) = (OAuthFlow.Text(await site.TokensAsync(person, "openid"), "id_token"), OAuthFlow.Text(await site.TokensAsync(other, "openid"), "id_token"));
        foreach (var path in new[]
        {
            "/connect/logout", Logout(("post_logout_redirect_uri", Goodbye), ("client_id", site.ClientId)), Logout(("id_token_hint", foreign), ("post_logout_redirect_uri", Goodbye)),
            Logout(("id_token_hint", own[..^4] + "AAAA"), ("post_logout_redirect_uri", Goodbye)), Logout(("id_token_hint", own), ("client_id", "zoo-cli")), Logout(("id_token_hint", "x.y.z")),
        })
        {
            using var asks = await person.Browser.OpenAsync(path);
            Assert.Equal("/account/sign-out", asks.Headers.Location!.OriginalString);
        }
        using var swap = await app.SwapAsync("session", session);
        Assert.Equal(HttpStatusCode.OK, swap.StatusCode);
    }

    [Theory]
    [InlineData("/connect/token", true)]
    [InlineData("/connect/revocation", true)]
    [InlineData("/connect/userinfo", true)]
    [InlineData("/.well-known/openid-configuration", true)]
    [InlineData("/.well-known/jwks.json", true)]
    [InlineData("/connect/authorize", false)]
    [InlineData("/connect/consent", false)]
    [InlineData("/connect/introspection", false)]
    [InlineData("/account/sign-in", false)]
    public async Task A_registered_sites_pages_may_call_what_takes_no_cookie(string path, bool open)
    {
        await ASiteAsync();
        foreach (var (origin, registered) in new[] { ("https://site.test", true), ("https://evil.test", false), ("null", false) })
        {
            using var preflight = new HttpRequestMessage(HttpMethod.Options, path) { Headers = { { "Origin", origin }, { "Access-Control-Request-Method", "POST" } } };
            using var asked = await app.Client.SendAsync(preflight);
            using var request = new HttpRequestMessage(path.StartsWith("/.well", StringComparison.Ordinal) ? HttpMethod.Get : HttpMethod.Post, path) { Headers = { { "Origin", origin } } };
            using var answered = await app.Client.SendAsync(request);
            foreach (var answer in new[] { asked, answered })
            {
                Assert.Equal(open && registered ? origin : null, answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null);
                Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
            }
            if (open && registered) Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        }
    }

    [Fact]
    public async Task Prompts_and_ages_are_kept_to()
    {
        var person = await app.APersonAsync();
        var cli = new OAuthFlow(app);
        async Task<Uri> OpenAsync(params (string, string)[] more)
        {
            using var answer = await person.Browser.OpenAsync(cli.Authorize("openid", more));
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
            return new Uri(new Uri(IdentityApp.Origin), answer.Headers.Location!);
        }
        Assert.Contains("code=", (await OpenAsync(("prompt", "none"))).Query, StringComparison.Ordinal);
        foreach (var (name, value) in new[] { ("prompt", "login"), ("prompt", "select_account"), ("max_age", "0") })
        {
            var signIn = await OpenAsync((name, value));
            Assert.Equal("/account/sign-in", signIn.AbsolutePath);
            Assert.DoesNotContain(name, signIn.Query.Replace("login_hint", "", StringComparison.Ordinal), StringComparison.Ordinal);
        }
        Assert.Contains("prompt%3Dconsent", Uri.EscapeDataString(Uri.UnescapeDataString((await OpenAsync(("prompt", "login consent"))).Query)), StringComparison.Ordinal);
        Assert.Equal("/connect/consent", (await OpenAsync(("prompt", "consent"))).AbsolutePath);
        Assert.Contains("error=login_required", (await OpenAsync(("prompt", "none"), ("max_age", "0"))).Query, StringComparison.Ordinal);

        var (site, _) = await ASiteAsync();
        using var silent = await person.Browser.OpenAsync(site.Authorize("openid", ("prompt", "none")));
        Assert.Equal("consent_required", QueryHelpers.ParseQuery(silent.Headers.Location!.Query)["error"]);
    }

    [Fact]
    public async Task An_answer_can_come_as_a_form_that_runs_no_strange_script()
    {
        var person = await app.APersonAsync();
        using var page = await person.Browser.OpenAsync(new OAuthFlow(app).Authorize("openid", ("response_mode", "form_post"), ("state", "<\">")));
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("action=\"http://127.0.0.1:51234/callback\"", html, StringComparison.Ordinal);
        Assert.Contains("name=\"code\"", html, StringComparison.Ordinal);
        Assert.Contains("name=\"iss\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<\">", html, StringComparison.Ordinal);
        Assert.Contains("script-src 'sha256-", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_see_which_applications_act_for_them_and_end_it()
    {
        var (site, _) = await ASiteAsync();
        var person = await app.APersonAsync();
        var (one, two) = (await site.TokensAsync(person, "read"), await site.TokensAsync(person, "openid"));
        using var list = await app.GetAsync("/api/v1/users/me/grants", person.Token);
        var grants = (await list.ReadAsync<Page<GrantedView>>()).Items;
        Assert.Equal([["openid"], ["read"]], grants.Select(grant => grant.Scopes));

        var rival = await app.APersonAsync();
        using var foreign = await app.CallAsync(HttpMethod.Delete, $"/api/v1/users/me/grants/{grants[0].Id}", rival.Token);
        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.OK), (foreign.StatusCode, await OAuthFlow.SwapAsync(app, OAuthFlow.Text(two, "access_token"))));   // and nothing changed
        using var ended = await app.CallAsync(HttpMethod.Delete, $"/api/v1/users/me/grants/{grants[0].Id}", person.Token);
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await OAuthFlow.SwapAsync(app, OAuthFlow.Text(two, "access_token")));

        using var account = await person.Browser.OpenAsync("/account");
        Assert.Contains("Applications", await account.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await person.Browser.PostAsync("/account?handler=Forget", ("grant", grants[1].Id.ToString()));
        Assert.Equal(HttpStatusCode.Unauthorized, await OAuthFlow.SwapAsync(app, OAuthFlow.Text(one, "access_token")));
    }

    [Theory]
    [InlineData("https://site.test/", "client.origin-invalid")]
    [InlineData("http://site.test", "client.origin-invalid")]
    [InlineData("*", "client.origin-invalid")]
    public async Task An_origin_that_is_none_is_not_registered(string origin, string problem)
    {
        using var refused = await app.CallAsync(HttpMethod.Post, "/api/v1/clients", app.AdminToken, new CreateClient("x", ["https://s.test/cb"], ["read"], Origins: [origin]));
        await refused.ShouldBeProblemAsync(HttpStatusCode.BadRequest, problem);
    }
}
