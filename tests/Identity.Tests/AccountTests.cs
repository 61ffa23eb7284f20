using System.Net;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Accounts;

namespace ZooPlatform.Identity.Tests;

public sealed class AccountTests(IdentityApp app) : IClassFixture<IdentityApp>
{
    private async Task<HttpResponseMessage> SignInAsync(string name, string password, string returnUrl = "/")
    {
        var browser = new Browser(app.Client);
        await browser.OpenAsync("/account/sign-in");
        return await browser.PostAsync("/account/sign-in", ("returnUrl", returnUrl), ("name", name), ("password", password));
    }

    [Fact]
    public async Task The_first_administrator_finds_a_token_and_a_link_in_a_private_file()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(app.DataFolder, "admin.json")));
        using var me = await app.GetAsync("/api/v1/users/me", app.AdminToken);
        var view = await me.ReadAsync<MeView>();
        Assert.Equal(("admin", true), (view.Name, view.IsAdministrator));

        var link = new Uri(app.Admin.GetProperty("signInUrl").GetString()!);
        Assert.StartsWith($"{IdentityApp.Origin}/account/one-time?code=", link.ToString(), StringComparison.Ordinal);
        var browser = new Browser(app.Client);
        await browser.OpenAsync(link.PathAndQuery);
        using var signedIn = await browser.PostAsync("/account/one-time", ("code", IdentityApp.Code(link.ToString())));
        Assert.Equal(HttpStatusCode.SeeOther, signedIn.StatusCode);
        using var account = await browser.OpenAsync("/account");
        Assert.Contains("Administrator of this platform", await account.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var again = await browser.PostAsync("/account/one-time", ("code", IdentityApp.Code(link.ToString())));
        Assert.Contains("used up", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_start_keeps_the_token_and_renews_a_used_link()
    {
        var (token, link) = (app.AdminToken, app.Admin.GetProperty("signInUrl").GetString());
        await app.SqlAsync("update one_time_links set used_at = now()");
        await app.RestartAsync();
        Assert.Equal(token, app.AdminToken);
        Assert.NotEqual(link, app.Admin.GetProperty("signInUrl").GetString());
        var renewed = app.Admin.GetProperty("signInUrl").GetString();
        await app.RestartAsync();
        Assert.Equal(renewed, app.Admin.GetProperty("signInUrl").GetString());
        using var me = await app.GetAsync("/api/v1/users/me", token);
        Assert.Equal(HttpStatusCode.OK, me.StatusCode);
    }

    [Theory]
    [InlineData("/acme/x?tab=files", "/acme/x?tab=files")]
    [InlineData("//evil.test", "/")]
    [InlineData("/\\evil.test", "/")]
    [InlineData("/%2F/evil.test", "/")]
    [InlineData("/%5Cevil.test", "/")]
    [InlineData("/%09/evil.test", "/")]
    [InlineData("https:evil.test", "/")]
    [InlineData("https://evil.test", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("/..//evil.test", "/")]
    public void A_sign_in_goes_on_to_a_page_of_ours(string given, string expected) => Assert.Equal(expected, ReturnUrl.LocalOrHome(given));

    [Fact]
    public async Task T8_Unknown_wrong_and_locked_look_alike()
    {
        var person = await app.APersonAsync();
        var bodies = new List<string>();
        foreach (var name in new[] { IdentityApp.Fresh("nobody"), person.Name })
        {
            using var answer = await SignInAsync(name, "wrong wrong wrong");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            bodies.Add(Neutral(await answer.Content.ReadAsStringAsync(), name));
        }
        await app.SqlAsync($"update users set lockout_end = now() + interval '1 hour' where user_name = '{person.Name}'");
        using var locked = await SignInAsync(person.Name, IdentityApp.Password);
        bodies.Add(Neutral(await locked.Content.ReadAsStringAsync(), person.Name));
        Assert.Single(bodies.Distinct());
    }

    private static string Neutral(string html, string name) =>
        System.Text.RegularExpressions.Regex.Replace(html.Replace(name, "NAME", StringComparison.Ordinal), "value=\"CfDJ[^\"]*\"", "");

    [Fact]
    public async Task Five_wrong_passwords_lock_and_the_right_one_waits()
    {
        var person = await app.APersonAsync();
        for (var i = 0; i < 5; i++) await SignInAsync(person.Name, "wrong wrong wrong");
        using var locked = await SignInAsync(person.Name, IdentityApp.Password);
        Assert.Equal(HttpStatusCode.OK, locked.StatusCode);
        await app.SqlAsync($"update users set lockout_end = now() where user_name = '{person.Name}'");
        using var later = await SignInAsync(person.Name, IdentityApp.Password);
        Assert.Equal(HttpStatusCode.SeeOther, later.StatusCode);
    }

    [Fact]
    public async Task A_lock_lasts_twice_as_long_each_time_up_to_an_hour()
    {
        var person = await app.APersonAsync();
        foreach (var (failures, minutes) in new[] { (4, 5d), (9, 10d), (14, 20d), (49, 60d) })
        {
            await app.SqlAsync($"update users set access_failed_count = {failures}, lockout_end = null where user_name = '{person.Name}'");
            await SignInAsync(person.Name, "wrong wrong wrong");
            var left = Convert.ToDouble(await app.SqlAsync($"select extract(epoch from lockout_end - now()) from users where user_name = '{person.Name}'"), System.Globalization.CultureInfo.InvariantCulture);
            Assert.InRange(left, minutes * 60 - 30, minutes * 60);
        }
    }

    [Fact]
    public async Task T8_A_sign_in_gives_a_new_session_and_ends_the_one_before()
    {
        var person = await app.APersonAsync();
        var before = person.Browser[IdentityApp.SessionCookie];
        await person.Browser.OpenAsync("/account/sign-in");
        await person.Browser.PostAsync("/account/sign-in", ("name", person.Name), ("password", IdentityApp.Password));
        Assert.NotEqual(before, person.Browser[IdentityApp.SessionCookie]);
        using var old = await app.SwapAsync("session", before);
        Assert.Equal(HttpStatusCode.Unauthorized, old.StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        var person = await app.APersonAsync();
        var secret = person.Browser[IdentityApp.SessionCookie];
        await person.Browser.OpenAsync("/account/sign-out");
        using var out_ = await person.Browser.PostAsync("/account/sign-out");
        Assert.Equal(HttpStatusCode.SeeOther, out_.StatusCode);
        Assert.Null(person.Browser[IdentityApp.SessionCookie]);
        using var swap = await app.SwapAsync("session", secret);
        Assert.Equal(HttpStatusCode.Unauthorized, swap.StatusCode);
    }

    [Fact]
    public async Task A_new_password_ends_every_other_session()
    {
        var person = await app.APersonAsync();
        var other = new Browser(app.Client);
        await other.OpenAsync("/account/sign-in");
        await other.PostAsync("/account/sign-in", ("name", person.Name), ("password", IdentityApp.Password));
        await person.Browser.OpenAsync("/account");
        using var wrong = await person.Browser.PostAsync("/account?handler=Password", ("present", "not it at all"), ("password", "another long password"));
        Assert.Contains("present password is wrong", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var set = await person.Browser.PostAsync("/account?handler=Password", ("present", IdentityApp.Password), ("password", "another long password"));
        Assert.Equal(HttpStatusCode.SeeOther, set.StatusCode);
        using var swap = await app.SwapAsync("session", other[IdentityApp.SessionCookie]);
        Assert.Equal(HttpStatusCode.Unauthorized, swap.StatusCode);
        using var still = await app.SwapAsync("session", person.Browser[IdentityApp.SessionCookie]);
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    [Fact]
    public async Task T6_A_form_of_another_site_is_refused()
    {
        using var answer = await app.Client.PostAsync("/account/sign-in", new FormUrlEncodedContent([new("name", "admin"), new("password", "x")]));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task The_audit_trail_is_the_administrators_and_only_grows()
    {
        var person = await app.APersonAsync();
        using var refused = await app.GetAsync("/api/v1/audit", person.Token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var list = await app.GetAsync("/api/v1/audit?limit=500", app.AdminToken);
        var entries = (await list.ReadAsync<Page<AuditEntryView>>()).Items;
        Assert.Contains(entries, entry => entry.Action == "invitation.accepted");
        Assert.DoesNotContain(entries, entry => entry.Detail?.Contains("hf_zoo", StringComparison.Ordinal) == true);
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => app.SqlAsync("update audit_trail set actor = 'x'"));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => app.SqlAsync("delete from audit_trail"));
    }
}
