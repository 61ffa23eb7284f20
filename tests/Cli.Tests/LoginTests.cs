using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace ZooPlatform.Cli.Tests;

public sealed class LoginTests : IAsyncLifetime
{
    private const string Code = "the-code";

    private readonly List<string> revoked = [];
    private string? challenge;
    private TestZoo zoo = null!;
    private Terminal terminal = null!;

    public async Task InitializeAsync()
    {
        zoo = await TestZoo.StartAsync(app =>
        {
            app.MapPost("/connect/token", async (HttpRequest request) =>
            {
                var form = await request.ReadFormAsync();
                var proof = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString())));
                return form["code"] == Code && form["client_id"] == "zoo-cli" && proof == challenge
                    ? Results.Ok(new { access_token = "hf_zooa_minutes", token_type = "Bearer", expires_in = 600, scope = "read" })
                    : Results.BadRequest(new { error = "invalid_grant", error_description = "The code is not yours." });
            });
            app.MapPost("/api/v1/tokens", () => Results.Ok(new
            {
                id = Guid.Parse("01900000-0000-7000-8000-000000000001"), name = "zoo", hint = "abcd", scopes = new[] { "read" },
                createdAt = DateTimeOffset.UnixEpoch, expiresAt = DateTimeOffset.UnixEpoch,
                lastUsedAt = (DateTimeOffset?)null, token = "hf_zoop_stays",
            }));
            app.MapDelete("/api/v1/tokens/{id}", (string id) => revoked.Add(id));
            app.MapGet("/api/v1/users/me", (HttpRequest request) => request.Headers.Authorization == "Bearer hf_zoop_stays"
                ? Results.Ok(new
                {
                    id = Guid.CreateVersion7(), name = "ada", displayName = "Ada", email = "ada@example.org", isAdministrator = false,
                    organisations = new[] { new { id = Guid.CreateVersion7(), name = "acme", role = "owner" } }, scopes = new[] { "read" },
                })
                : Results.Problem("The token is not known.", statusCode: 401));
        });
        terminal = new Terminal();
    }

    [Fact]
    public async Task The_browser_brings_a_code_and_login_keeps_a_token_of_its_own()
    {
        var login = terminal.RunAsync("login", "--url", zoo.Url);
        var authorize = await AddressToOpenAsync();
        challenge = authorize["code_challenge"];
        Assert.Equal("S256", authorize["code_challenge_method"]);

        using var browser = new HttpClient();
        var redirect = authorize["redirect_uri"]!;
        Assert.StartsWith("http://127.0.0.1:", redirect);
        Assert.Equal(404, (int)(await browser.GetAsync($"{redirect}?code=stolen&state=wrong")).StatusCode);
        var page = await browser.GetStringAsync($"{redirect}?code={Code}&state={authorize["state"]}&iss={Uri.EscapeDataString(zoo.Url)}");
        Assert.Contains("You can close this page", page);

        Assert.Equal(0, await login);
        Assert.Equal($"signed in to {zoo.Url} as ada\n", terminal.Output);
        Assert.Equal(
            $"ada at {zoo.Url}\n  token from    login\n  may           read\n  owner         of acme\n", await terminal.DoAsync("whoami"));

        Assert.Equal($"signed out of {zoo.Url}; the token is revoked\n", await terminal.DoAsync("logout", "--url", zoo.Url));
        Assert.Equal(["01900000-0000-7000-8000-000000000001"], revoked);
        Assert.Equal(1, await terminal.RunAsync("logout", "--url", zoo.Url));
    }

    [Fact]
    public async Task A_refused_sign_in_keeps_nothing()
    {
        var login = terminal.RunAsync("login", "--url", zoo.Url);
        var authorize = await AddressToOpenAsync();
        using var browser = new HttpClient();
        await browser.GetAsync($"{authorize["redirect_uri"]}?error=access_denied&state={authorize["state"]}");

        Assert.Equal(1, await login);
        Assert.Contains("error: the zoo did not sign you in: access_denied", terminal.Error.ToString());
        Assert.False(File.Exists(terminal.PathOf(".config/zooplatform/logins.json")));
    }

    [Fact]
    public async Task A_code_of_another_issuer_is_not_redeemed()
    {
        var login = terminal.RunAsync("login", "--url", zoo.Url);
        var authorize = await AddressToOpenAsync();
        challenge = authorize["code_challenge"];
        using var browser = new HttpClient();
        await browser.GetAsync($"{authorize["redirect_uri"]}?code={Code}&state={authorize["state"]}&iss=http%3A%2F%2Fcrook.example");

        Assert.Equal(1, await login);
        Assert.DoesNotContain("POST /connect/token", zoo.Requests);
    }

    [Fact]
    public async Task A_wrong_token_is_not_kept()
    {
        Assert.Equal(1, await terminal.RunAsync("login", "--url", zoo.Url, "--token", "hf_zoop_wrong"));
        Assert.Contains($"error: The token is not known\ntry:   ./zoo login --url {zoo.Url}", terminal.Error.ToString());
        await terminal.DoAsync("login", "--url", zoo.Url, "--token", "hf_zoop_stays");
        await terminal.DoAsync("whoami");
    }

    private async Task<Dictionary<string, string?>> AddressToOpenAsync()
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (terminal.Error.ToString().Split('\n').FirstOrDefault(l => l.Contains("/connect/authorize?", StringComparison.Ordinal)) is { } line)
            {
                return QueryHelpers.ParseQuery(new Uri(line).Query).ToDictionary(p => p.Key, p => (string?)p.Value.ToString());
            }
            await Task.Delay(20);
        }
        throw new TimeoutException($"no address was shown: {terminal.Error}");
    }

    public async Task DisposeAsync()
    {
        terminal.Dispose();
        await zoo.DisposeAsync();
    }
}
