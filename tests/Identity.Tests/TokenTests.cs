using System.Net;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Tokens;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.Tests;

public sealed class TokenTests(IdentityApp app) : IClassFixture<IdentityApp>
{
    [Fact]
    public void A_token_ends_with_the_checksum_of_the_rest()
    {
        var token = OpaqueToken.Create(OpaqueToken.Personal);
        Assert.Matches("^hf_zoop_[0-9A-Za-z]{36}$", token);
        Assert.True(OpaqueToken.IsWellFormed(token));
        for (var i = 8; i < token.Length; i++)
            Assert.False(OpaqueToken.IsWellFormed(token[..i] + (token[i] == 'x' ? 'y' : 'x') + token[(i + 1)..]));
        // CRC-32 of "hf_zoop_" and thirty zeros, by zlib, in base 62.
        Assert.True(OpaqueToken.IsWellFormed("hf_zoop_" + new string('0', 30) + KnownChecksum));
    }

    private const string KnownChecksum = "1StZG4";

    [Fact]
    public async Task A_token_is_shown_once_and_kept_as_its_hash()
    {
        var person = await app.APersonAsync();
        using var made = await app.CallAsync(HttpMethod.Post, "/api/v1/tokens", person.Token, new CreateToken("laptop", ["read"], 7));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var token = await made.ReadAsync<TokenView>();
        Assert.Equal(token.Token![^4..], token.Hint);
        Assert.Equal(7, Math.Round((token.ExpiresAt - token.CreatedAt).TotalDays));
        using var list = await app.GetAsync("/api/v1/tokens", person.Token);
        var listed = (await list.ReadAsync<Page<TokenView>>()).Items.Single(t => t.Id == token.Id);
        Assert.Null(listed.Token);
        Assert.Equal(Convert.ToHexStringLower(OpaqueToken.HashOf(token.Token)), await app.SqlAsync($"select encode(hash, 'hex') from api_tokens where id = '{token.Id}'"));
    }

    [Fact]
    public async Task A_revoked_token_is_dead()
    {
        var person = await app.APersonAsync();
        using var made = await app.CallAsync(HttpMethod.Post, "/api/v1/tokens", person.Token, new CreateToken("laptop"));
        var token = await made.ReadAsync<TokenView>();
        using var revoked = await app.CallAsync(HttpMethod.Delete, $"/api/v1/tokens/{token.Id}", person.Token);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        using var swap = await app.SwapAsync("bearer", token.Token);
        await swap.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "credential.refused");
    }

    [Fact]
    public async Task An_expired_token_and_a_disabled_persons_are_dead()
    {
        var (expired, disabled) = (await app.APersonAsync(), await app.APersonAsync());
        await app.SqlAsync($"update api_tokens set expires_at = now() where user_id = (select id from owners where name = '{expired.Name}')");
        await app.SqlAsync($"update users set is_disabled = true where user_name = '{disabled.Name}'");
        foreach (var token in new[] { expired.Token, disabled.Token })
        {
            using var swap = await app.SwapAsync("bearer", token);
            Assert.Equal(HttpStatusCode.Unauthorized, swap.StatusCode);
        }
        using var session = await app.SwapAsync("session", disabled.Browser[IdentityApp.SessionCookie]);
        Assert.Equal(HttpStatusCode.Unauthorized, session.StatusCode);
    }

    [Fact]
    public async Task Nobody_revokes_anothers_token()
    {
        var (victim, rival) = (await app.APersonAsync(), await app.APersonAsync());
        var id = await app.SqlAsync($"select t.id from api_tokens t join owners o on o.id = t.user_id where o.name = '{victim.Name}'");
        using var answer = await app.CallAsync(HttpMethod.Delete, $"/api/v1/tokens/{id}", rival.Token);
        await answer.ShouldBeProblemAsync(HttpStatusCode.NotFound, "token.unknown");
    }

    [Fact]
    public async Task A_token_makes_no_wider_one()
    {
        var person = await app.APersonAsync();
        using var made = await app.CallAsync(HttpMethod.Post, "/api/v1/tokens", person.Token, new CreateToken("narrow", ["admin"]));
        var narrow = (await made.ReadAsync<TokenView>()).Token;
        using var wider = await app.CallAsync(HttpMethod.Post, "/api/v1/tokens", narrow, new CreateToken("wide", ["write"]));
        await wider.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "scope.too-wide");
    }

    [Theory]
    [InlineData("identity.swap", null, "scope.unknown")]
    [InlineData("read", 0, "token.life-invalid")]
    [InlineData("read", 366, "token.life-invalid")]
    public async Task A_token_that_cannot_be_is_refused(string scope, int? days, string problem)
    {
        using var answer = await app.CallAsync(HttpMethod.Post, "/api/v1/tokens", app.AdminToken, new CreateToken("x", [scope], days));
        await answer.ShouldBeProblemAsync(HttpStatusCode.BadRequest, problem);
    }

    [Fact]
    public async Task A_password_of_git_is_a_personal_token()
    {
        var person = await app.APersonAsync();
        using var git = await app.SwapAsync("basic", person.Token);
        Assert.Equal(HttpStatusCode.OK, git.StatusCode);
        using var password = await app.SwapAsync("basic", IdentityApp.Password);
        Assert.Equal(HttpStatusCode.Unauthorized, password.StatusCode);
    }

    [Fact]
    public async Task Services_get_their_own_scopes_by_their_secret_only()
    {
        using var wrong = await app.ClientTokenAsync("artifact", "gateway-secret", Scopes.IdentityReadAll);
        await wrong.ShouldBeProblemAsync(HttpStatusCode.Unauthorized, "client.refused");
        using var secretless = await app.ClientTokenAsync("search", "", Scopes.ArtifactReadAll);
        Assert.Equal(HttpStatusCode.Unauthorized, secretless.StatusCode);
        using var wide = await app.ClientTokenAsync("artifact", "artifact-secret", Scopes.IdentitySwap);
        await wide.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "client.scope");
        using var good = await app.ClientTokenAsync("artifact", "artifact-secret", Scopes.IdentityReadAll);
        var token = (await good.ReadAsync<SwapAnswer>()).Token;
        using var swap = await app.SendAsync(HttpMethod.Post, "/internal/tokens/swap", token, new SwapRequest("anonymous"));
        Assert.Equal(HttpStatusCode.Forbidden, swap.StatusCode);
    }

    [Fact]
    public async Task A_service_learns_what_a_subject_may_do_as_long_as_what_they_came_with_lasts()
    {
        var person = await app.APersonAsync(role: Role.Contributor);
        var (token, session) = (await ClaimsOfAsync(await app.SwapAsync("bearer", person.Token)), await ClaimsOfAsync(await app.SwapAsync("session", person.Browser[IdentityApp.SessionCookie])));
        var found = await FindCallerAsync(token.Subject, token.ClientId!);
        Assert.Equal((token.Name, token.Scope, Role.Contributor), (found!.Name, found.Scope, found.Organisations!.Values.Single()));
        Assert.NotNull(await FindCallerAsync(session.Subject, session.ClientId!));

        // Neither another's token nor one that never was.
        var other = await ClaimsOfAsync(await app.SwapAsync("bearer", (await app.APersonAsync()).Token));
        Assert.Null(await FindCallerAsync(token.Subject, other.ClientId!));
        Assert.Null(await FindCallerAsync(token.Subject, "zoo-cli"));
        Assert.Null(await FindCallerAsync("anonymous", token.ClientId!));
        Assert.Null(await FindCallerAsync("client:gateway", "gateway"));

        using var revoked = await app.CallAsync(HttpMethod.Delete, $"/api/v1/tokens/{token.ClientId!.Split(':')[1]}", person.Token);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Null(await FindCallerAsync(token.Subject, token.ClientId!));
        using var disabled = await app.CallAsync(HttpMethod.Patch, $"/api/v1/users/{person.Name}", app.AdminToken, new UpdateUser(IsDisabled: true));
        Assert.Equal(HttpStatusCode.OK, disabled.StatusCode);
        Assert.Null(await FindCallerAsync(session.Subject, session.ClientId!));
    }

    [Fact]
    public async Task So_it_is_with_a_service_account()
    {
        var organisation = await app.AnOrganisationAsync();
        var accounts = $"/api/v1/organisations/{organisation}/service-accounts";
        using var made = await app.CallAsync(HttpMethod.Post, accounts, app.AdminToken, new CreateServiceAccount("ci", Role.Contributor));
        using var answer = await app.CallAsync(HttpMethod.Post, $"{accounts}/ci/tokens", app.AdminToken, new CreateToken("t", ["read"]));
        var claims = await ClaimsOfAsync(await app.SwapAsync("bearer", (await answer.ReadAsync<TokenView>()).Token));
        var found = await FindCallerAsync(claims.Subject, claims.ClientId!);
        Assert.Equal((claims.Name, "read", Role.Contributor), (found!.Name, found.Scope, found.Organisations!.Values.Single()));
        using var gone = await app.CallAsync(HttpMethod.Delete, $"{accounts}/ci", app.AdminToken);
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        Assert.Null(await FindCallerAsync(claims.Subject, claims.ClientId!));
    }

    [Fact]
    public async Task Only_Artifact_asks_what_a_subject_may_do()
    {
        using var wide = await app.ClientTokenAsync("gateway", "gateway-secret", Scopes.IdentityReadCallers);
        await wide.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "client.scope");
        using var own = await app.ClientTokenAsync("artifact", "artifact-secret", Scopes.IdentityReadAll);
        using var asked = await app.SendAsync(HttpMethod.Post, "/internal/callers", (await own.ReadAsync<SwapAnswer>()).Token, new CallerRequest("x", "y"));
        Assert.Equal(HttpStatusCode.Forbidden, asked.StatusCode);
    }

    private async Task<InternalClaims?> FindCallerAsync(string subject, string clientId)
    {
        using var own = await app.ClientTokenAsync("artifact", "artifact-secret", Scopes.IdentityReadCallers);
        using var answer = await app.SendAsync(HttpMethod.Post, "/internal/callers", (await own.ReadAsync<SwapAnswer>()).Token, new CallerRequest(subject, clientId));
        if (answer.StatusCode != HttpStatusCode.NotFound) return await answer.ReadAsync<InternalClaims>();
        await answer.ShouldBeProblemAsync(HttpStatusCode.NotFound, "caller.unknown");
        return null;
    }

    private static async Task<InternalClaims> ClaimsOfAsync(HttpResponseMessage swapped)
    {
        using (swapped)
        {
            var payload = (await swapped.ReadAsync<SwapAnswer>()).Token.Split('.')[1];
            return System.Text.Json.JsonSerializer.Deserialize<InternalClaims>(Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlDecode(payload), ZooJson.Options)!;
        }
    }

    [Fact]
    public async Task Internal_routes_are_closed_to_people_and_to_nobody()
    {
        foreach (var path in new[] { "/internal/changes", "/internal/owners/by-name/admin" })
        {
            using var bare = await app.Client.GetAsync(path);
            Assert.Equal(HttpStatusCode.Unauthorized, bare.StatusCode);
            using var person = await app.GetAsync(path, app.AdminToken);
            Assert.Equal(HttpStatusCode.Forbidden, person.StatusCode);
        }
    }

    [Fact]
    public async Task Hub_clients_learn_who_they_are()
    {
        var person = await app.APersonAsync(role: Role.Contributor);
        using var answer = await app.GetAsync("/api/whoami-v2", person.Token);
        var json = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(person.Name, json.GetProperty("name").GetString());
        Assert.Equal("write", json.GetProperty("orgs")[0].GetProperty("roleInOrg").GetString());
        Assert.Equal("test", json.GetProperty("auth").GetProperty("accessToken").GetProperty("displayName").GetString());
        using var anonymous = await app.GetAsync("/api/whoami-v2", null);
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
    }
}
