using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Identity.Tests;

public sealed class ServiceAccountTests(IdentityApp app) : IClassFixture<IdentityApp>
{
    private static string Path(string organisation) => $"/api/v1/organisations/{organisation}/service-accounts";

    private async Task<ServiceAccountView> AnAccountAsync(string organisation, Role role = Role.Contributor, string? name = null)
    {
        using var made = await app.CallAsync(HttpMethod.Post, Path(organisation), app.AdminToken, new CreateServiceAccount(name ?? IdentityApp.Fresh("ci"), role));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return await made.ReadAsync<ServiceAccountView>();
    }

    private async Task<TokenView> ATokenAsync(ServiceAccountView account, params string[] scopes)
    {
        using var made = await app.CallAsync(HttpMethod.Post, $"{Path(account.Organisation)}/{account.Name}/tokens", app.AdminToken, new CreateToken("ci", scopes));
        Assert.Equal((HttpStatusCode.Created, "no-store"), (made.StatusCode, made.Headers.CacheControl?.ToString()));
        return await made.ReadAsync<TokenView>();
    }

    private async Task<ClientSecretView> ASecretAsync(ServiceAccountView account)
    {
        using var made = await app.CallAsync(HttpMethod.Post, $"{Path(account.Organisation)}/{account.Name}/secrets", app.AdminToken);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return await made.ReadAsync<ClientSecretView>();
    }

    private async Task<HttpStatusCode> SwapStatusAsync(string? token)
    {
        using var swap = await app.SwapAsync("bearer", token);
        return swap.StatusCode;
    }

    /// <summary>What the internal token says that the credential is swapped for.</summary>
    private async Task<JsonElement> ClaimsAsync(string? token)
    {
        using var swap = await app.SwapAsync("bearer", token);
        return JsonDocument.Parse(WebEncoders.Base64UrlDecode((await swap.ReadAsync<SwapAnswer>()).Token.Split('.')[1])).RootElement;
    }

    private async Task<(HttpResponseMessage Answer, JsonElement Body)> CredentialsAsync(string? basic, params (string Name, string Value)[] form)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token")
        {
            Content = new FormUrlEncodedContent(form.Append(("grant_type", "client_credentials")).Select(field => KeyValuePair.Create(field.Item1, field.Item2))),
        };
        if (basic is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)));
        var answer = await app.Client.SendAsync(request);
        return (answer, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }

    [Fact]
    public async Task A_service_account_acts_for_its_organisation_in_its_role()
    {
        var organisation = await app.AnOrganisationAsync();
        var account = await AnAccountAsync(organisation);
        var token = await ATokenAsync(account, "read", "write");
        Assert.Matches("^hf_zoos_[0-9A-Za-z]{36}$", token.Token);

        var claims = await ClaimsAsync(token.Token);
        Assert.Equal(($"client:{account.Id}", $"{organisation}/{account.Name}", "read write"),
            (claims.GetProperty("sub").GetString(), claims.GetProperty("name").GetString(), claims.GetProperty("scope").GetString()));
        Assert.Equal("contributor", claims.GetProperty("orgs").EnumerateObject().Single().Value.GetString());

        using var me = await app.GetAsync("/api/v1/users/me", token.Token);
        var view = await me.ReadAsync<MeView>();
        Assert.Equal((account.Id, true, organisation), (view.Id, view.IsServiceAccount, view.Organisations.Single().Name));
        using var mine = await app.GetAsync("/api/v1/organisations", token.Token);
        Assert.Equal((organisation, Role.Contributor), (await mine.ReadAsync<Page<OrganisationView>>()).Items.Select(o => (o.Name, o.Role!.Value)).Single());
        using var hub = await app.GetAsync("/api/whoami-v2", token.Token);
        var who = JsonDocument.Parse(await hub.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(($"{organisation}/{account.Name}", "write"), (who.GetProperty("name").GetString(), who.GetProperty("orgs")[0].GetProperty("roleInOrg").GetString()));
    }

    [Fact]
    public async Task Its_secret_buys_an_access_token_by_either_method_and_nothing_else()
    {
        var account = await AnAccountAsync(await app.AnOrganisationAsync());
        var secret = (await ASecretAsync(account)).Secret!;
        var id = account.Id.ToString();
        foreach (var (basic, form) in new (string?, (string, string)[])[]
        {
            ($"{id}:{secret}", [("scope", "read")]), (null, [("client_id", id), ("client_secret", secret), ("scope", "read")]),
        })
        {
            var (answer, body) = await CredentialsAsync(basic, form);
            Assert.Equal((HttpStatusCode.OK, "no-store"), (answer.StatusCode, answer.Headers.CacheControl?.ToString()));
            Assert.Equal(("read", 600), (body.GetProperty("scope").GetString(), body.GetProperty("expires_in").GetInt32()));
            Assert.False(body.TryGetProperty("refresh_token", out _) || body.TryGetProperty("id_token", out _));
            var claims = await ClaimsAsync(body.GetProperty("access_token").GetString());
            Assert.Equal(($"client:{id}", id), (claims.GetProperty("sub").GetString(), claims.GetProperty("client_id").GetString()));
        }
        var (_, all) = await CredentialsAsync($"{id}:{secret}");
        Assert.Equal("read write infer", all.GetProperty("scope").GetString());
    }

    [Fact]
    public async Task Who_does_not_prove_to_be_the_client_gets_nothing()
    {
        var account = await AnAccountAsync(await app.AnOrganisationAsync());
        var (id, secret) = (account.Id.ToString(), (await ASecretAsync(account)).Secret!);
        foreach (var basic in new[] { $"{id}:wrong", $"{id}:", $"{Guid.CreateVersion7()}:{secret}", "nonsense" })
        {
            var (refused, body) = await CredentialsAsync(basic);
            Assert.Equal((HttpStatusCode.Unauthorized, "invalid_client"), (refused.StatusCode, body.GetProperty("error").GetString()));
            Assert.Equal("Basic", refused.Headers.WwwAuthenticate.Single().Scheme);
        }
        Assert.Equal("invalid_client", (await CredentialsAsync(null, ("client_id", id))).Body.GetProperty("error").GetString());
        Assert.Equal("invalid_request", (await CredentialsAsync($"{id}:{secret}", ("client_secret", secret))).Body.GetProperty("error").GetString());
        Assert.Equal("invalid_scope", (await CredentialsAsync($"{id}:{secret}", ("scope", "read admin"))).Body.GetProperty("error").GetString());
        Assert.Equal("invalid_target", (await CredentialsAsync($"{id}:{secret}", ("resource", "https://x"))).Body.GetProperty("error").GetString());
        Assert.Equal("unauthorized_client", (await CredentialsAsync(null, ("client_id", "zoo-cli"))).Body.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Two_secrets_live_and_a_removed_one_is_dead()
    {
        var account = await AnAccountAsync(await app.AnOrganisationAsync());
        var (first, second) = (await ASecretAsync(account), await ASecretAsync(account));
        using var third = await app.CallAsync(HttpMethod.Post, $"{Path(account.Organisation)}/{account.Name}/secrets", app.AdminToken);
        await third.ShouldBeProblemAsync(HttpStatusCode.Conflict, "client.secrets-full");
        foreach (var secret in new[] { first, second })
            Assert.Equal(HttpStatusCode.OK, (await CredentialsAsync($"{account.Id}:{secret.Secret}")).Answer.StatusCode);

        using var removed = await app.CallAsync(HttpMethod.Delete, $"{Path(account.Organisation)}/{account.Name}/secrets/{first.Id}", app.AdminToken);
        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await CredentialsAsync($"{account.Id}:{first.Secret}")).Answer.StatusCode);
        using var shown = await app.GetAsync($"{Path(account.Organisation)}/{account.Name}", app.AdminToken);
        var left = (await shown.ReadAsync<ServiceAccountView>()).Secrets.Single();
        Assert.Equal((second.Id, (string?)null), (left.Id, left.Secret));
        Assert.DoesNotContain(second.Secret!, (string)(await app.SqlAsync("select string_agg(to_jsonb(s)::text, ' ') from client_secrets s"))!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Role.Reader)]
    [InlineData(Role.Maintainer)]
    public async Task Only_owners_manage_them(Role role)
    {
        var person = await app.APersonAsync(role: role);
        var account = await AnAccountAsync(person.Organisation);
        foreach (var (method, path, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Post, "", new CreateServiceAccount("x", Role.Reader)), (HttpMethod.Get, "", null), (HttpMethod.Get, $"/{account.Name}", null),
            (HttpMethod.Put, $"/{account.Name}", new SetMember(Role.Reader)), (HttpMethod.Delete, $"/{account.Name}", null),
            (HttpMethod.Post, $"/{account.Name}/tokens", new CreateToken("x")), (HttpMethod.Get, $"/{account.Name}/tokens", null),
            (HttpMethod.Post, $"/{account.Name}/secrets", null),
        })
        {
            using var refused = await app.CallAsync(method, Path(person.Organisation) + path, person.Token, body);
            await refused.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "organisation.role-needed");
        }
    }

    [Fact]
    public async Task It_manages_nothing_itself_and_cannot_sign_in()
    {
        var account = await AnAccountAsync(await app.AnOrganisationAsync(), Role.Maintainer);
        var token = (await ATokenAsync(account)).Token;
        foreach (var path in new[] { "/api/v1/tokens", Path(account.Organisation), $"/api/v1/organisations/{account.Organisation}/invitations", "/api/v1/users", "/api/v1/audit" })
        {
            using var refused = await app.GetAsync(path, token);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }
        using var admin = await app.CallAsync(HttpMethod.Post, $"{Path(account.Organisation)}/{account.Name}/tokens", app.AdminToken, new CreateToken("x", ["admin"]));
        await admin.ShouldBeProblemAsync(HttpStatusCode.BadRequest, "scope.unknown");
        var browser = new Browser(app.Client);
        await browser.OpenAsync("/account/sign-in");
        using var form = await browser.PostAsync("/account/sign-in", ("name", $"{account.Organisation}/{account.Name}"), ("password", (await ASecretAsync(account)).Secret!));
        Assert.Null(browser[IdentityApp.SessionCookie]);
    }

    [Theory]
    [InlineData("a b", Role.Reader, "service-account.name-invalid")]
    [InlineData("-x", Role.Reader, "service-account.name-invalid")]
    [InlineData("", Role.Reader, "service-account.name-invalid")]
    [InlineData("ci", Role.Owner, "service-account.role-invalid")]
    public async Task One_that_cannot_be_is_refused(string name, Role role, string problem)
    {
        using var refused = await app.CallAsync(HttpMethod.Post, Path(await app.AnOrganisationAsync()), app.AdminToken, new CreateServiceAccount(name, role));
        await refused.ShouldBeProblemAsync(HttpStatusCode.BadRequest, problem);
    }

    [Fact]
    public async Task Names_are_unique_in_an_organisation_and_free_in_the_next()
    {
        var (one, other) = (await app.AnOrganisationAsync(), await app.AnOrganisationAsync());
        await AnAccountAsync(one, name: "Ci");
        await AnAccountAsync(other, name: "ci");
        using var twice = await app.CallAsync(HttpMethod.Post, Path(one), app.AdminToken, new CreateServiceAccount("cI", Role.Reader));
        await twice.ShouldBeProblemAsync(HttpStatusCode.Conflict, "service-account.name-taken");
        using var foreign = await app.GetAsync($"{Path(other)}/nobody", app.AdminToken);
        await foreign.ShouldBeProblemAsync(HttpStatusCode.NotFound, "service-account.unknown");
    }

    [Fact]
    public async Task A_new_role_a_revoked_token_and_a_deleted_account_count_at_once()
    {
        var account = await AnAccountAsync(await app.AnOrganisationAsync());
        var path = $"{Path(account.Organisation)}/{account.Name}";
        var (kept, revoked) = (await ATokenAsync(account), await ATokenAsync(account));
        using var demoted = await app.CallAsync(HttpMethod.Put, path, app.AdminToken, new SetMember(Role.Reader));
        Assert.Equal(Role.Reader, (await demoted.ReadAsync<ServiceAccountView>()).Role);
        Assert.Equal("reader", (await ClaimsAsync(kept.Token)).GetProperty("orgs").EnumerateObject().Single().Value.GetString());

        using var revoke = await app.CallAsync(HttpMethod.Delete, $"{path}/tokens/{revoked.Id}", app.AdminToken);
        Assert.Equal(HttpStatusCode.NoContent, revoke.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await SwapStatusAsync(revoked.Token));
        using var list = await app.GetAsync($"{path}/tokens", app.AdminToken);
        Assert.Equal(kept.Id, (await list.ReadAsync<Page<TokenView>>()).Items.Single().Id);

        var secret = await ASecretAsync(account);
        var access = (await CredentialsAsync($"{account.Id}:{secret.Secret}")).Body.GetProperty("access_token").GetString();
        using var deleted = await app.CallAsync(HttpMethod.Delete, path, app.AdminToken);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        foreach (var token in new[] { kept.Token, access }) Assert.Equal(HttpStatusCode.Unauthorized, await SwapStatusAsync(token));
        Assert.Equal(HttpStatusCode.Unauthorized, (await CredentialsAsync($"{account.Id}:{secret.Secret}")).Answer.StatusCode);
    }

    [Fact]
    public async Task It_dies_with_its_organisation_which_goes_only_once_it_owns_nothing()
    {
        var organisation = await app.AnOrganisationAsync();
        var maintainer = await app.APersonAsync(organisation, Role.Maintainer);
        var token = (await ATokenAsync(await AnAccountAsync(organisation))).Token;
        var open = await app.AnInvitationAsync(organisation, Role.Reader);
        using var notMine = await app.CallAsync(HttpMethod.Delete, $"/api/v1/organisations/{organisation}", maintainer.Token);
        await notMine.ShouldBeProblemAsync(HttpStatusCode.Forbidden, "organisation.role-needed");
        app.Repositories[organisation] = 1;
        using var inUse = await app.CallAsync(HttpMethod.Delete, $"/api/v1/organisations/{organisation}", app.AdminToken);
        await inUse.ShouldBeProblemAsync(HttpStatusCode.Conflict, "organisation.in-use");
        Assert.Equal(HttpStatusCode.OK, await SwapStatusAsync(token));

        app.Repositories[organisation] = 0;
        using var deleted = await app.CallAsync(HttpMethod.Delete, $"/api/v1/organisations/{organisation}", app.AdminToken);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await SwapStatusAsync(token));
        using var gone = await app.GetAsync($"/api/v1/organisations/{organisation}", app.AdminToken);
        await gone.ShouldBeProblemAsync(HttpStatusCode.NotFound, "organisation.unknown");
        using var me = await app.GetAsync("/api/v1/users/me", maintainer.Token);
        Assert.Empty((await me.ReadAsync<MeView>()).Organisations);
        using var page = await app.Client.GetAsync(new Uri(open.Link!).PathAndQuery);
        Assert.Contains("is not open", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var again = await app.CallAsync(HttpMethod.Post, "/api/v1/organisations", app.AdminToken, new CreateOrganisation(organisation));
        await again.ShouldBeProblemAsync(HttpStatusCode.Conflict, "name.taken");
    }
}
