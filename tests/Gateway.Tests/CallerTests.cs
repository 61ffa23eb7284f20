using System.Net;
using System.Text;
using Xunit;

namespace ZooPlatform.Gateway.Tests;

public sealed class CallerTests(GatewayApp app) : IClassFixture<GatewayApp>
{
    private static string Fresh(string start) => $"{start}-{Guid.CreateVersion7():N}";

    private static string Basic(string user, string password) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}";

    [Fact]
    public async Task A_token_is_swapped_and_never_reaches_a_service()
    {
        var token = Fresh("good");
        using var answer = await app.GetAsync("/api/v1/models", ("Authorization", $"Bearer {token}"));
        Assert.Equal($"Bearer internal-{token}", answer.Saw("Authorization"));
    }

    [Fact]
    public async Task Nobody_in_particular_gets_the_anonymous_token()
    {
        using var answer = await app.GetAsync("/api/v1/models");
        Assert.Equal("Bearer internal-anonymous", answer.Saw("Authorization"));
    }

    [Fact]
    public async Task A_session_is_swapped_and_services_see_no_cookie()
    {
        var secret = Fresh("good");
        using var answer = await app.GetAsync("/api/v1/models", ("Cookie", $"{GatewayApp.SessionCookie}={secret}; other=1"));
        Assert.Equal($"Bearer internal-{secret}", answer.Saw("Authorization"));
        Assert.Null(answer.Saw("Cookie"));
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task Web_sees_cookies_but_the_sessions_and_Identity_sees_all()
    {
        var secret = Fresh("good");
        using var web = await app.GetAsync("/", ("Cookie", $"a=1; {GatewayApp.SessionCookie}={secret}; {GatewayApp.SessionCookie}-form=2"));
        Assert.Equal($"a=1; {GatewayApp.SessionCookie}-form=2", web.Saw("Cookie"));
        Assert.True(web.Headers.Contains("Set-Cookie"));
        using var identity = await app.GetAsync("/account", ("Cookie", $"{GatewayApp.SessionCookie}={secret}"));
        Assert.Equal($"{GatewayApp.SessionCookie}={secret}", identity.Saw("Cookie"));
    }

    [Fact]
    public async Task The_same_token_is_asked_for_once_in_a_while()
    {
        var token = Fresh("good");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.GetAsync("/api/v1/models", ("Authorization", $"Bearer {token}"))));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Single(app.Swaps, swap => swap == $"bearer {token}");
    }

    [Theory]
    [InlineData("/xet/v1/chunks/default/00")]
    [InlineData("/v1/telemetry")]
    public async Task A_bearer_that_a_service_gave_itself_goes_on_unswapped_beside_an_anonymous_token(string path)
    {
        var capability = Fresh("capability");
        using var answer = await app.GetAsync(path, ("Authorization", $"Bearer {capability}"), ("Cookie", $"{GatewayApp.SessionCookie}=good"));
        Assert.Equal(("Bearer internal-anonymous", capability, null), (answer.Saw("Authorization"), answer.Saw("X-Zoo-Capability"), answer.Saw("Cookie")));
        Assert.DoesNotContain($"bearer {capability}", app.Swaps);
    }

    [Theory]
    [InlineData("/xet/v1/chunks/default/00", "Basic eDp5")]
    [InlineData("/xet/v1/chunks/default/00", null)]
    [InlineData("/api/v1/models", "Bearer good")]
    public async Task A_capability_is_not_the_callers_to_write_into_the_services_header(string path, string? authorization)
    {
        var headers = new List<(string, string)> { ("X-Zoo-Capability", "forged") };
        if (authorization is not null) headers.Add(("Authorization", authorization));
        using var answer = await app.GetAsync(path, [.. headers]);
        Assert.NotNull(answer.Reached());
        Assert.Null(answer.Saw("X-Zoo-Capability"));
    }

    [Fact]
    public async Task OAuth_endpoints_get_the_callers_own_credentials()
    {
        using var answer = await app.SendAsync(HttpMethod.Post, "/connect/token", ("Authorization", Basic("client", "secret")));
        Assert.Equal(Basic("client", "secret"), answer.Saw("Authorization"));
    }

    [Theory]
    [InlineData("/acme/x.git/info/refs")]
    [InlineData("/acme/x.git/info/lfs/objects/batch")]
    [InlineData("/v2/acme/x/manifests/latest")]
    public async Task The_password_of_git_LFS_and_OCI_clients_is_swapped(string path)
    {
        var token = Fresh("good");
        using var answer = await app.GetAsync(path, ("Authorization", Basic("anything", token)));
        Assert.Equal($"Bearer internal-{token}", answer.Saw("Authorization"));
        Assert.Contains($"basic {token}", app.Swaps);
    }

    [Fact]
    public async Task Basic_without_name_and_password_is_nobody()
    {
        using var answer = await app.GetAsync("/v2/acme/x/manifests/latest", ("Authorization", Basic("", "")));
        Assert.Equal("Bearer internal-anonymous", answer.Saw("Authorization"));
        using var named = await app.GetAsync("/v2/acme/x/manifests/latest", ("Authorization", Basic("ada", "")));
        Assert.Equal(HttpStatusCode.Unauthorized, named.StatusCode);
        Assert.Equal("Basic realm=\"zoo\"", named.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task A_password_is_nothing_for_the_API()
    {
        using var answer = await app.GetAsync("/api/v1/models", ("Authorization", Basic("ada", "good")));
        await answer.ShouldBeAsync(HttpStatusCode.Unauthorized, "application/problem+json", "urn:zoo:credential.unreadable");
    }

    [Theory]
    [InlineData("/api/v1/models", "application/problem+json", "urn:zoo:credential.refused")]
    [InlineData("/api/models/acme/x", "application/json", "{\"error\":\"Invalid credentials in Authorization header")]
    [InlineData("/v2/models/acme/x/infer", "application/json", "{\"error\":\"Invalid credentials")]
    [InlineData("/v2/acme/x/manifests/latest", "application/json", "{\"errors\":[{\"code\":\"UNAUTHORIZED\"")]
    [InlineData("/acme/x.git/info/refs", "text/plain; charset=utf-8", "Invalid credentials")]
    [InlineData("/acme/x.git/info/lfs/objects/batch", "application/vnd.git-lfs+json", "{\"message\":\"Invalid credentials")]
    [InlineData("/acme/x", "text/html; charset=utf-8", "<h1>Unauthorized</h1>")]
    public async Task A_bad_token_is_401_in_the_shape_of_the_protocol(string path, string contentType, string contains)
    {
        using var answer = await app.GetAsync(path, ("Authorization", $"Bearer {Fresh("bad")}"));
        Assert.Null(answer.Reached());
        Assert.NotEmpty(answer.Headers.WwwAuthenticate);
        await answer.ShouldBeAsync(HttpStatusCode.Unauthorized, contentType, contains);
    }

    [Fact]
    public async Task Hub_clients_read_the_refusal_of_a_HEAD_from_its_headers()
    {
        using var answer = await app.SendAsync(HttpMethod.Head, "/acme/x/resolve/main/y", ("Authorization", $"Bearer {Fresh("bad")}"));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.StartsWith("Invalid credentials", answer.Headers.GetValues("X-Error-Message").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_session_is_nobody_on_pages_and_401_in_the_API()
    {
        var cookie = ("Cookie", $"{GatewayApp.SessionCookie}={Fresh("bad")}");
        using var page = await app.GetAsync("/", cookie);
        Assert.Equal("Bearer internal-anonymous", page.Saw("Authorization"));
        using var api = await app.GetAsync("/api/v1/users/me", cookie);
        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "6.6.6.6")]
    [InlineData("X-Forwarded-Host", "evil")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("Forwarded", "for=6.6.6.6")]
    [InlineData("X-Real-IP", "6.6.6.6")]
    [InlineData("X-Zoo-User", "admin")]
    [InlineData("X-User-Id", "1")]
    [InlineData("X-HTTP-Method-Override", "DELETE")]
    [InlineData("X-Original-URL", "/internal/changes")]
    [InlineData("Proxy-Authorization", "Basic eDp5")]
    public async Task What_a_service_would_believe_is_not_the_callers_to_say(string header, string value)
    {
        using var answer = await app.GetAsync("/api/v1/models", (header, value));
        Assert.NotEqual(value, answer.Saw(header));
        Assert.Equal("127.0.0.1", answer.Saw("X-Forwarded-For"));
    }

    [Theory]
    [InlineData("/api/v1/models?access_token=x")]
    [InlineData("/acme/x/resolve/main/y?t=hf_zoop_0123")]
    public async Task A_token_in_the_address_is_refused(string path)
    {
        using var answer = await app.GetAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(answer.Reached());
    }

    [Theory]
    [InlineData(null, null, false)]
    [InlineData("Sec-Fetch-Site", "cross-site", false)]
    [InlineData("Sec-Fetch-Site", "same-site", false)]
    [InlineData("Sec-Fetch-Site", "none", false)]
    [InlineData("Sec-Fetch-Site", "same-origin", true)]
    [InlineData("Origin", "http://evil.test", false)]
    [InlineData("Origin", "null", false)]
    [InlineData("Origin", GatewayApp.Origin, true)]
    public async Task A_session_changes_something_only_from_a_page_of_ours(string? header, string? value, bool goesOn)
    {
        var headers = new List<(string, string)> { ("Cookie", $"{GatewayApp.SessionCookie}=good") };
        if (header is not null) headers.Add((header, value!));
        foreach (var path in new[] { "/api/v1/organisations", "/account/sign-out", "/connect/authorize", "/whatever" })
        {
            using var answer = await app.SendAsync(HttpMethod.Post, path, [.. headers]);
            Assert.Equal(goesOn ? HttpStatusCode.OK : HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_token_needs_no_origin()
    {
        using var answer = await app.SendAsync(HttpMethod.Post, "/api/v1/organisations", ("Authorization", "Bearer good"), ("Origin", "http://evil.test"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }
}
