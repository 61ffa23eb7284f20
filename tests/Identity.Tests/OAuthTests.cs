using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Identity.Tests;

public sealed class OAuthTests(IdentityApp app) : IClassFixture<IdentityApp>
{
    private const string Callback = "http://127.0.0.1:51234/callback";
    private const string Verifier = "dBjftJeZ4CVP-mBZR3nqPp0dX8vQyXWfTg7Kk1sLw2E";
    private static readonly string s_challenge = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    private static Dictionary<string, string> Good => new()
    {
        ["client_id"] = "zoo-cli", ["redirect_uri"] = Callback, ["response_type"] = "code", ["scope"] = "openid read write",
        ["code_challenge"] = s_challenge, ["code_challenge_method"] = "S256", ["state"] = "s%&=1", ["nonce"] = "n1",
    };

    private static string Authorize(Dictionary<string, string> parameters) => QueryHelpers.AddQueryString("/connect/authorize", parameters!);

    private static Dictionary<string, string> With(string name, string? value)
    {
        var parameters = Good;
        if (value is null) parameters.Remove(name);
        else parameters[name] = value;
        return parameters;
    }

    private static Dictionary<string, string> Answer(HttpResponseMessage redirect) =>
        QueryHelpers.ParseQuery(redirect.Headers.Location!.Query).ToDictionary(pair => pair.Key, pair => pair.Value.ToString());

    private async Task<(HttpStatusCode Status, JsonElement Body)> TokenAsync(params (string Name, string Value)[] form)
    {
        using var answer = await app.Client.PostAsync("/connect/token", new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))));
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> RedeemAsync(string code, string verifier = Verifier, string client = "zoo-cli", string redirectUri = Callback) =>
        TokenAsync(("grant_type", "authorization_code"), ("client_id", client), ("code", code), ("redirect_uri", redirectUri), ("code_verifier", verifier));

    private static async Task<string> CodeAsync(Person person)
    {
        using var redirect = await person.Browser.OpenAsync(Authorize(Good));
        return Answer(redirect)["code"];
    }

    [Fact]
    public async Task A_person_signs_in_on_the_command_line()
    {
        // 1. Nobody is signed in: the browser is sent to sign in, and back.
        var person = await app.APersonAsync();
        var browser = new Browser(app.Client);
        using var first = await browser.OpenAsync(Authorize(Good));
        Assert.Equal(HttpStatusCode.SeeOther, first.StatusCode);
        using var form = await browser.OpenAsync(first.Headers.Location!.ToString());
        Assert.Contains("frame-ancestors 'none'", form.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("no-referrer", form.Headers.GetValues("Referrer-Policy").Single());
        var returnUrl = QueryHelpers.ParseQuery(first.Headers.Location!.ToString().Split('?')[1])["returnUrl"].ToString();
        using var signedIn = await browser.PostAsync("/account/sign-in", ("returnUrl", returnUrl), ("name", person.Name.ToUpperInvariant()), ("password", IdentityApp.Password));
        Assert.Equal(HttpStatusCode.SeeOther, signedIn.StatusCode);

        // 2. The client gets its code at its loopback address, with state and issuer.
        using var redirect = await browser.OpenAsync(signedIn.Headers.Location!.ToString());
        Assert.StartsWith(Callback + "?", redirect.Headers.Location!.ToString(), StringComparison.Ordinal);
        var answer = Answer(redirect);
        Assert.Equal(("s%&=1", IdentityApp.Origin), (answer["state"], answer["iss"]));

        // 3. Code and verifier buy tokens, and those work.
        var (status, tokens) = await RedeemAsync(answer["code"]);
        Assert.Equal(HttpStatusCode.OK, status);
        var access = tokens.GetProperty("access_token").GetString()!;
        Assert.Matches("^hf_zooa_[0-9A-Za-z]{36}$", access);
        using var me = await app.GetAsync("/api/v1/users/me", access);
        var view = await me.ReadAsync<MeView>();
        Assert.Equal(person.Name, view.Name);
        Assert.Equal(["openid", "read", "write"], view.Scopes);
        await VerifyIdTokenAsync(tokens.GetProperty("id_token").GetString()!, access, view.Id);

        // 4. What the scopes do not hold is refused.
        using var refused = await app.CallAsync(HttpMethod.Post, "/api/v1/organisations", access, new CreateOrganisation(IdentityApp.Fresh("org")));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    private async Task VerifyIdTokenAsync(string idToken, string access, Guid userId)
    {
        var parts = idToken.Split('.');
        var header = JsonDocument.Parse(WebEncoders.Base64UrlDecode(parts[0])).RootElement;
        var claims = JsonDocument.Parse(WebEncoders.Base64UrlDecode(parts[1])).RootElement;
        var jwks = JsonDocument.Parse(await app.Client.GetStringAsync("/.well-known/jwks.json")).RootElement.GetProperty("keys").EnumerateArray();
        var key = jwks.Single(k => k.GetProperty("kid").GetString() == header.GetProperty("kid").GetString());
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = WebEncoders.Base64UrlDecode(key.GetProperty("n").GetString()!), Exponent = WebEncoders.Base64UrlDecode(key.GetProperty("e").GetString()!),
        });
        Assert.True(rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), WebEncoders.Base64UrlDecode(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        Assert.Equal(IdentityApp.Origin, claims.GetProperty("iss").GetString());
        Assert.Equal("zoo-cli", claims.GetProperty("aud").GetString());
        Assert.Equal("n1", claims.GetProperty("nonce").GetString());
        Assert.Equal(userId.ToString(), claims.GetProperty("sub").GetString());
        Assert.Equal(WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(access))[..16]), claims.GetProperty("at_hash").GetString());
    }

    [Theory]
    [InlineData("client_id", "nobody")]
    [InlineData("client_id", null)]
    [InlineData("redirect_uri", null)]
    [InlineData("redirect_uri", "http://127.0.0.1:1/callback/more")]
    [InlineData("redirect_uri", "http://127.0.0.1:1/callback?x=1")]
    [InlineData("redirect_uri", "http://127.0.0.1:1/callback#x")]
    [InlineData("redirect_uri", "http://127.0.0.1:1/Callback")]
    [InlineData("redirect_uri", "http://127.0.0.1:1/%63allback")]
    [InlineData("redirect_uri", "http://127.0.0.1:1/x/../callback")]
    [InlineData("redirect_uri", "http://127.0.0.1:1@evil.test/callback")]
    [InlineData("redirect_uri", "http://127.0.0.1.evil.test/callback")]
    [InlineData("redirect_uri", "http://localhost:1/callback")]
    [InlineData("redirect_uri", "https://127.0.0.1:1/callback")]
    [InlineData("redirect_uri", "http://evil.test/callback")]
    public async Task T3_A_doubtful_client_or_address_is_a_page_and_no_redirect(string name, string? value)
    {
        using var answer = await app.Client.GetAsync(Authorize(With(name, value)));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(answer.Headers.Location);
    }

    [Theory]
    [InlineData("&client_id=zoo-cli")]
    [InlineData("&CLIENT_ID=zoo-cli")]
    [InlineData("&redirect_uri=http%3A%2F%2Fevil.test")]
    public async Task A_repeated_parameter_is_a_page_and_no_redirect(string more)
    {
        using var answer = await app.Client.GetAsync(Authorize(Good) + more);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(answer.Headers.Location);
    }

    [Theory]
    [InlineData("response_type", "token", "unsupported_response_type")]
    [InlineData("response_type", null, "invalid_request")]
    [InlineData("code_challenge", null, "invalid_request")]
    [InlineData("code_challenge", "short", "invalid_request")]
    [InlineData("code_challenge_method", "plain", "invalid_request")]
    [InlineData("code_challenge_method", null, "invalid_request")]
    [InlineData("scope", "read everything", "invalid_scope")]
    [InlineData("scope", null, "invalid_scope")]
    [InlineData("prompt", "none login", "invalid_request")]
    [InlineData("prompt", "none", "login_required")]
    [InlineData("request", "x", "request_not_supported")]
    [InlineData("request_uri", "https://x", "request_uri_not_supported")]
    [InlineData("resource", "https://x", "invalid_target")]
    [InlineData("max_age", "-1", "invalid_request")]
    public async Task Any_other_fault_is_told_to_the_client_at_its_address(string name, string? value, string error)
    {
        using var redirect = await app.Client.GetAsync(Authorize(With(name, value)));
        Assert.Equal(HttpStatusCode.SeeOther, redirect.StatusCode);
        Assert.StartsWith(Callback, redirect.Headers.Location!.ToString(), StringComparison.Ordinal);
        var answer = Answer(redirect);
        Assert.Equal((error, "s%&=1", IdentityApp.Origin), (answer["error"], answer["state"], answer["iss"]));
        Assert.False(answer.ContainsKey("code"));
    }

    [Fact]
    public async Task T2_A_code_needs_its_verifier_its_client_and_its_address()
    {
        var code = await CodeAsync(await app.APersonAsync());
        Assert.Equal("invalid_grant", (await RedeemAsync(code, verifier: new string('x', 43))).Body.GetProperty("error").GetString());
        Assert.Equal("invalid_grant", (await RedeemAsync(code, redirectUri: "http://127.0.0.1:1/callback")).Body.GetProperty("error").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await RedeemAsync(code, client: "nobody")).Status);
        var (_, absent) = await TokenAsync(("grant_type", "authorization_code"), ("client_id", "zoo-cli"), ("code", code), ("redirect_uri", Callback));
        Assert.Equal("invalid_grant", absent.GetProperty("error").GetString());
        Assert.Equal(HttpStatusCode.OK, (await RedeemAsync(code)).Status);   // none of them used it up
    }

    [Fact]
    public async Task T4_A_code_works_once_and_its_replay_ends_what_it_gave()
    {
        var code = await CodeAsync(await app.APersonAsync());
        var access = (await RedeemAsync(code)).Body.GetProperty("access_token").GetString()!;
        Assert.Equal(HttpStatusCode.BadRequest, (await RedeemAsync(code, verifier: new string('x', 43))).Status);
        using var still = await app.SwapAsync("bearer", access);
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);   // who lacks the verifier cannot end anything
        Assert.Equal(HttpStatusCode.BadRequest, (await RedeemAsync(code)).Status);
        using var ended = await app.SwapAsync("bearer", access);
        await ended.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "credential.refused");
    }

    [Fact]
    public async Task T4_Of_many_who_redeem_a_code_at_once_one_wins()
    {
        var code = await CodeAsync(await app.APersonAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RedeemAsync(code)));
        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task T4_A_code_dies_after_a_minute()
    {
        var code = await CodeAsync(await app.APersonAsync());
        await app.SqlAsync("update authorization_codes set expires_at = now() - interval '1 second'");
        Assert.Equal("invalid_grant", (await RedeemAsync(code)).Body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task T5_A_refresh_token_rotates_and_a_used_one_ends_the_grant()
    {
        var (_, first) = await RedeemAsync(await CodeAsync(await app.APersonAsync()));
        var one = first.GetProperty("refresh_token").GetString()!;
        var two = (await RefreshAsync(one)).Body.GetProperty("refresh_token").GetString()!;
        Assert.Equal(two, (await RefreshAsync(one)).Body.GetProperty("refresh_token").GetString());   // the answer was lost: the same successor
        var (status, third) = await RefreshAsync(two);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(HttpStatusCode.BadRequest, (await RefreshAsync(one)).Status);
        using var ended = await app.SwapAsync("bearer", third.GetProperty("access_token").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, ended.StatusCode);
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> RefreshAsync(string token, string? scope = null) =>
        TokenAsync(("grant_type", "refresh_token"), ("client_id", "zoo-cli"), ("refresh_token", token), ("scope", scope ?? ""));

    [Fact]
    public async Task T5_A_refresh_can_narrow_the_scope_and_not_widen_it()
    {
        var (_, first) = await RedeemAsync(await CodeAsync(await app.APersonAsync()));
        var token = first.GetProperty("refresh_token").GetString()!;
        Assert.Equal("invalid_scope", (await RefreshAsync(token, "read admin")).Body.GetProperty("error").GetString());
        Assert.Equal("read", (await RefreshAsync(token, "read")).Body.GetProperty("scope").GetString());
    }

    [Fact]
    public async Task T5_Refreshes_at_once_give_one_successor()
    {
        var (_, first) = await RedeemAsync(await CodeAsync(await app.APersonAsync()));
        var token = first.GetProperty("refresh_token").GetString()!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => RefreshAsync(token)));
        Assert.Single(answers.Select(answer => answer.Body.GetProperty("refresh_token").GetString()).Distinct());
    }

    [Fact]
    public async Task Revocation_ends_a_grant_and_says_nothing_of_strange_tokens()
    {
        var (_, tokens) = await RedeemAsync(await CodeAsync(await app.APersonAsync()));
        foreach (var token in new[] { "unknown", tokens.GetProperty("refresh_token").GetString()! })
        {
            using var answer = await app.Client.PostAsync("/oauth/revocation", new FormUrlEncodedContent([new("client_id", "zoo-cli"), new("token", token)]));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        using var ended = await app.SwapAsync("bearer", tokens.GetProperty("access_token").GetString());
        Assert.Equal(HttpStatusCode.Unauthorized, ended.StatusCode);
    }

    [Theory]
    [InlineData("grant_type", "password", "unsupported_grant_type")]
    [InlineData("grant_type", "client_credentials", "unauthorized_client")]
    [InlineData("resource", "https://x", "invalid_target")]
    [InlineData("grant_type", "", "invalid_request")]
    [InlineData("client_secret", "x", "invalid_client")]
    public async Task The_token_endpoint_says_what_it_does_not_do(string name, string value, string error)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "authorization_code", ["client_id"] = "zoo-cli", ["code"] = "x", ["code_verifier"] = Verifier };
        form[name] = value;
        Assert.Equal(error, (await TokenAsync([.. form.Select(pair => (pair.Key, pair.Value))])).Body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_repeated_parameter_of_the_token_endpoint_is_refused() => Assert.Equal("invalid_request",
        (await TokenAsync(("grant_type", "authorization_code"), ("client_id", "zoo-cli"), ("client_id", "zoo-cli"))).Body.GetProperty("error").GetString());

    [Fact]
    public async Task A_strange_client_asks_the_person_first()
    {
        var person = await app.APersonAsync();
        using var made = await app.CallAsync(HttpMethod.Post, "/api/v1/clients", app.AdminToken, new CreateClient("Notebook <b>", ["https://notebook.test/cb"], ["openid", "read"]));
        var client = await made.ReadAsync<ClientView>();
        var parameters = Good;
        (parameters["client_id"], parameters["redirect_uri"], parameters["scope"]) = (client.Id, "https://notebook.test/cb", "read");

        using var stranger = await app.Client.GetAsync(Authorize(With("x", "y")).Replace("zoo-cli", client.Id, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, stranger.StatusCode);   // another client's address
        using var toConsent = await person.Browser.OpenAsync(Authorize(parameters));
        Assert.StartsWith("/connect/consent?", toConsent.Headers.Location!.ToString(), StringComparison.Ordinal);
        using var page = await person.Browser.OpenAsync(toConsent.Headers.Location!.ToString());
        Assert.Contains("Notebook &lt;b&gt;", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var fields = parameters.Select(pair => (pair.Key, pair.Value)).ToArray();
        using var denied = await person.Browser.PostAsync("/connect/consent", [.. fields, ("decision", "deny")]);
        Assert.Equal("access_denied", Answer(denied)["error"]);
        using var allowed = await person.Browser.PostAsync("/connect/consent", [.. fields, ("decision", "allow")]);
        Assert.Equal(HttpStatusCode.SeeOther, allowed.StatusCode);
        var (status, _) = await RedeemAsync(Answer(allowed)["code"], client: client.Id, redirectUri: "https://notebook.test/cb");
        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Fact]
    public async Task T6_Consent_without_the_pages_own_token_is_refused()
    {
        var person = await app.APersonAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/consent")
        {
            Content = new FormUrlEncodedContent(Good.Append(KeyValuePair.Create("decision", "allow"))),
        };
        request.Headers.Add("Cookie", $"{IdentityApp.SessionCookie}={person.Browser[IdentityApp.SessionCookie]}");
        using var answer = await app.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Discovery_names_the_configured_issuer_and_only_what_there_is()
    {
        var metadata = JsonDocument.Parse(await app.Client.GetStringAsync("/.well-known/openid-configuration")).RootElement;
        Assert.Equal(IdentityApp.Origin, metadata.GetProperty("issuer").GetString());
        Assert.Equal(["S256"], metadata.GetProperty("code_challenge_methods_supported").EnumerateArray().Select(method => method.GetString()));
        Assert.False(metadata.GetProperty("request_uri_parameter_supported").GetBoolean());
        foreach (var endpoint in new[]
        {
            "userinfo_endpoint", "jwks_uri", "token_endpoint", "authorization_endpoint", "revocation_endpoint", "introspection_endpoint",
            "device_authorization_endpoint", "end_session_endpoint",
        })
        {
            using var answer = await app.Client.PostAsync(new Uri(metadata.GetProperty(endpoint).GetString()!).PathAndQuery, null);
            Assert.NotEqual(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Keys_are_public_and_named_by_their_thumbprint()
    {
        var keys = JsonDocument.Parse(await app.Client.GetStringAsync("/.well-known/jwks.json")).RootElement.GetProperty("keys").EnumerateArray().ToList();
        Assert.Equal(["EC", "RSA"], keys.Select(key => key.GetProperty("kty").GetString()).Order(StringComparer.Ordinal));
        Assert.All(keys, key => Assert.False(key.TryGetProperty("d", out _)));
        var ec = keys.Single(key => key.GetProperty("kty").GetString() == "EC");
        var members = $$"""{"crv":"P-256","kty":"EC","x":"{{ec.GetProperty("x").GetString()}}","y":"{{ec.GetProperty("y").GetString()}}"}""";
        Assert.Equal(WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(members))), ec.GetProperty("kid").GetString());
    }

    [Fact]
    public async Task Userinfo_wants_the_scope_openid()
    {
        var (_, tokens) = await RedeemAsync(await CodeAsync(await app.APersonAsync()));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/connect/userinfo");
        request.Headers.Add("Authorization", $"Bearer {tokens.GetProperty("access_token").GetString()}");
        using var answer = await app.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var bare = await app.Client.GetAsync("/connect/userinfo");
        Assert.Equal(HttpStatusCode.Unauthorized, bare.StatusCode);
    }
}
