using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.OAuth;

namespace ZooPlatform.Identity.Tests;

/// <summary>T7: the device flow.</summary>
[Collection(ThreatsToTokens.Name)]
public sealed class T7Device(IdentityApp app)
{
    private const string Grant = "urn:ietf:params:oauth:grant-type:device_code";
    private readonly OAuthFlow _cli = new(app);

    private async Task<(string DeviceCode, string UserCode)> StartAsync(string scope = "openid read write")
    {
        var (status, body) = await _cli.PostAsync("/oauth/device", ("scope", scope));
        Assert.Equal(HttpStatusCode.OK, status);
        return (OAuthFlow.Text(body, "device_code"), OAuthFlow.Text(body, "user_code"));
    }

    private async Task<string> PollAsync(string deviceCode, bool patiently = true)
    {
        if (patiently) await app.SqlAsync("update device_codes set polled_at = polled_at - interval '1 minute'");
        var (status, body) = await _cli.PostAsync("/connect/token", ("grant_type", Grant), ("device_code", deviceCode));
        return status == HttpStatusCode.OK ? "tokens" : OAuthFlow.Text(body, "error");
    }

    private static async Task<string> TypeAsync(Person person, string userCode)
    {
        await person.Browser.OpenAsync("/account/device");
        using var page = await person.Browser.PostAsync("/account/device", ("code", userCode));
        return await page.Content.ReadAsStringAsync();
    }

    private static async Task<string> DecideAsync(Person person, string userCode, string decision)
    {
        using var page = await person.Browser.PostAsync("/account/device?handler=Decide", ("code", userCode), ("decision", decision));
        return await page.Content.ReadAsStringAsync();
    }

    [Fact]
    public async Task A_person_signs_a_device_in_elsewhere()
    {
        var (status, started) = await _cli.PostAsync("/connect/device", ("scope", "openid read write"));
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Matches("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$", OAuthFlow.Text(started, "user_code"));
        Assert.Equal(($"{IdentityApp.Origin}/account/device", 600, 5),
            (OAuthFlow.Text(started, "verification_uri"), started.GetProperty("expires_in").GetInt32(), started.GetProperty("interval").GetInt32()));
        Assert.False(started.TryGetProperty("verification_uri_complete", out _));
        var (device, user) = (OAuthFlow.Text(started, "device_code"), OAuthFlow.Text(started, "user_code"));
        Assert.Equal("authorization_pending", await PollAsync(device));

        var person = await app.APersonAsync();
        var page = await TypeAsync(person, user.ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal));
        foreach (var shown in new[] { "zoo on the command line", "write", "Only if you started this", "less than a minute ago", person.Name, "127.0.0.1" })
            Assert.Contains(shown, page, StringComparison.Ordinal);
        Assert.True(page.IndexOf("value=\"deny\"", StringComparison.Ordinal) < page.IndexOf("value=\"allow\"", StringComparison.Ordinal));   // Enter denies
        Assert.Contains("Allowed", await DecideAsync(person, user, "allow"), StringComparison.Ordinal);

        await app.SqlAsync("update device_codes set polled_at = polled_at - interval '1 minute'");
        var (_, tokens) = await _cli.PostAsync("/connect/token", ("grant_type", Grant), ("device_code", device));
        using var me = await app.GetAsync("/api/v1/users/me", OAuthFlow.Text(tokens, "access_token"));
        Assert.Equal(person.Name, (await me.ReadAsync<MeView>()).Name);
        Assert.Equal(HttpStatusCode.OK, (await _cli.RefreshAsync(OAuthFlow.Text(tokens, "refresh_token"))).Status);
        Assert.Equal("invalid_grant", await PollAsync(device));   // once
    }

    [Fact]
    public async Task T7_The_flow_is_off_unless_registered_and_never_gives_admin()
    {
        var (stranger, _) = await OAuthFlow.OfNewClientAsync(app, new CreateClient("Stranger", ["https://s.test/cb"], ["read"]));
        Assert.Equal("unauthorized_client", OAuthFlow.Text((await stranger.PostAsync("/connect/device", ("scope", "read"))).Body, "error"));
        foreach (var scope in new[] { "read admin", "", "everything" })
            Assert.Equal("invalid_scope", OAuthFlow.Text((await _cli.PostAsync("/connect/device", ("scope", scope))).Body, "error"));
        var (_, other) = await StartAsync();
        Assert.Equal("invalid_grant", OAuthFlow.Text((await stranger.PostAsync("/connect/token", ("grant_type", Grant), ("device_code", other))).Body, "error"));
    }

    [Fact]
    public async Task T7_Who_polls_too_fast_is_slowed_down_for_good()
    {
        var (device, _) = await StartAsync();
        Assert.Equal("authorization_pending", await PollAsync(device));
        for (var i = 0; i < 10; i++) Assert.Equal("slow_down", await PollAsync(device, patiently: false));
        await app.SqlAsync("update device_codes set polled_at = polled_at - interval '20 seconds'");
        Assert.Equal("slow_down", await PollAsync(device, patiently: false));   // 55 s by now, 20 are not enough
        Assert.Equal("authorization_pending", await PollAsync(device));
    }

    [Fact]
    public async Task T7_A_decision_counts_once()
    {
        var (allowed, allowedCode) = await StartAsync();
        var person = await app.APersonAsync();
        await TypeAsync(person, allowedCode);
        Assert.Contains("Allowed", await DecideAsync(person, allowedCode, "allow"), StringComparison.Ordinal);
        Assert.Contains("decided already", await DecideAsync(person, allowedCode, "deny"), StringComparison.Ordinal);
        var polls = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => PollAsync(allowed, patiently: false)));
        Assert.Single(polls, answer => answer == "tokens");

        var (denied, deniedCode) = await StartAsync();
        await TypeAsync(person, deniedCode);
        Assert.Contains("Denied", await DecideAsync(person, deniedCode, "anything but allow"), StringComparison.Ordinal);
        Assert.Contains("decided already", await DecideAsync(person, deniedCode, "allow"), StringComparison.Ordinal);
        Assert.Equal("access_denied", await PollAsync(denied));
        Assert.Equal("access_denied", await PollAsync(denied));
        Assert.Contains("no such code", await TypeAsync(person, deniedCode), StringComparison.Ordinal);
    }

    [Fact]
    public async Task T7_Only_the_session_that_typed_the_code_decides()
    {
        var (device, code) = await StartAsync();
        var (person, other) = (await app.APersonAsync(), await app.APersonAsync());
        await TypeAsync(person, code);
        await other.Browser.OpenAsync("/account/device");
        Assert.Contains("typed elsewhere", await DecideAsync(other, code, "allow"), StringComparison.Ordinal);
        Assert.Equal("authorization_pending", await PollAsync(device));
        var stranger = new Browser(app.Client);
        using var signInFirst = await stranger.OpenAsync("/account/device");
        Assert.StartsWith("/account/sign-in?", signInFirst.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task T7_An_expired_code_is_worth_nothing_and_a_disabled_users_neither()
    {
        var (device, code) = await StartAsync();
        await app.SqlAsync($"update device_codes set expires_at = now() - interval '1 second' where user_code = '{code.Replace("-", "", StringComparison.Ordinal)}'");
        Assert.Equal("expired_token", await PollAsync(device));
        Assert.Contains("no such code", await TypeAsync(await app.APersonAsync(), code), StringComparison.Ordinal);

        var (later, laterCode) = await StartAsync();
        var person = await app.APersonAsync();
        await TypeAsync(person, laterCode);
        await DecideAsync(person, laterCode, "allow");
        await app.SqlAsync($"update users set is_disabled = true where user_name = '{person.Name}'");
        Assert.Equal("access_denied", await PollAsync(later));
    }

    [Fact]
    public async Task T7_Five_wrong_codes_are_a_sessions_last()
    {
        var (_, right) = await StartAsync();
        var person = await app.APersonAsync();
        for (var i = 0; i < 5; i++) Assert.Contains("no such code", await TypeAsync(person, "BBBB-BBBB"), StringComparison.Ordinal);
        Assert.Contains("Too many codes", await TypeAsync(person, right), StringComparison.Ordinal);
        await app.SqlAsync("delete from device_tries");
    }

    [Fact]
    public async Task T7_Of_a_thousand_guesses_a_hundred_are_looked_up_and_twenty_of_one_address()
    {
        await app.SqlAsync("delete from device_tries");
        var admin = await FirstUserAsync();
        for (var i = 0; i < 1000; i++) await GuessAsync(admin, $"198.51.{i % 250}.{i / 250}");
        Assert.Equal(100L, await app.SqlAsync("select count(*) from device_tries"));
        await app.SqlAsync("delete from device_tries");
        for (var i = 0; i < 40; i++) await GuessAsync(admin, $"2001:db8:0:7::{i:x}");
        Assert.Equal(20L, await app.SqlAsync("select count(*) from device_tries"));
        await app.SqlAsync("delete from device_tries");
    }

    private async Task<User> FirstUserAsync()
    {
        await using var scope = app.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<IdentityDb>().Users.FirstAsync();
    }

    /// <summary>A guess in a session of its own.</summary>
    private async Task GuessAsync(User user, string address)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var http = scope.ServiceProvider.GetRequiredService<IHttpContextAccessor>();
        http.HttpContext = new DefaultHttpContext { Request = { Headers = { ["X-Forwarded-For"] = address } } };
        var now = TimeProvider.System.GetUtcNow();
        var session = new Session { Id = Guid.CreateVersion7(), UserId = user.Id, Hash = [], SignedInAt = now, Method = "pwd", ExpiresAt = now };
        var outcome = await scope.ServiceProvider.GetRequiredService<DecideDevice>().FindAsync("BBBBBBBB", new SignedInUser(session, user), default);
        Assert.IsNotType<TypedCodeOutcome.Found>(outcome);
        http.HttpContext = null;
    }
}
