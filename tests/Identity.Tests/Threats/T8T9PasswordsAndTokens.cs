using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.Tests;

/// <summary>T8: guessed passwords. T9: personal tokens that are not what they say.</summary>
[Collection(ThreatsToTokens.Name)]
public sealed class T8T9PasswordsAndTokens(IdentityApp app)
{
    private async Task<HttpResponseMessage> SignInAsync(string name, string password, string address)
    {
        var browser = new Browser(app.Client, address);
        await browser.OpenAsync("/account/sign-in");
        return await browser.PostAsync("/account/sign-in", ("name", name), ("password", password));
    }

    [Fact]
    public async Task T8_Many_tries_at_one_name_from_many_addresses_lock_the_account()
    {
        var person = await app.APersonAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => SignInAsync(person.Name, $"wrong password {i}", $"203.0.113.{i}")));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        using var right = await SignInAsync(person.Name, IdentityApp.Password, "203.0.113.200");
        Assert.Equal(HttpStatusCode.OK, right.StatusCode);
        Assert.True((bool)(await app.SqlAsync($"select lockout_end > now() from users where user_name = '{person.Name}'"))!);
    }

    [Fact]
    public async Task T8_One_try_at_many_names_locks_the_address_twice_as_long_each_time_and_no_account()
    {
        var person = await app.APersonAsync();
        const string address = "2001:db8:0:8::";
        for (var i = 0; i < IdentityApp.TriesBeforeAddressLock; i++) await SignInAsync(IdentityApp.Fresh("nobody"), "some password 123", $"{address}{i + 1:x}");
        using var locked = await SignInAsync(person.Name, IdentityApp.Password, $"{address}ffff");   // the same /64
        Assert.Equal(HttpStatusCode.OK, locked.StatusCode);
        Assert.Contains("wrong, or the account is locked", await locked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var elsewhere = await SignInAsync(person.Name, IdentityApp.Password, "203.0.113.201");
        Assert.Equal(HttpStatusCode.SeeOther, elsewhere.StatusCode);

        foreach (var (failures, minutes) in new[] { (2, 10d), (3, 20d), (10, 60d) })
        {
            await app.SqlAsync($"update sign_in_addresses set failures = {failures * IdentityApp.TriesBeforeAddressLock - 1}, locked_until = null where address = '20010DB800000008'");
            await SignInAsync(IdentityApp.Fresh("nobody"), "some password 123", address + "1");
            var left = Convert.ToDouble(await app.SqlAsync("select extract(epoch from locked_until - now()) from sign_in_addresses where address = '20010DB800000008'"), System.Globalization.CultureInfo.InvariantCulture);
            Assert.InRange(left, minutes * 60 - 30, minutes * 60);
        }
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task T8_Known_and_unknown_names_take_alike()
    {
        var person = await app.APersonAsync();
        var (known, unknown) = (new List<double>(), new List<double>());
        for (var i = 0; i < 40; i++)
        {
            await app.SqlAsync($"update users set lockout_end = null, access_failed_count = 0 where user_name = '{person.Name}'");
            known.Add(await TimeAsync(person.Name, i));
            unknown.Add(await TimeAsync(IdentityApp.Fresh("nobody"), i));
        }
        var (a, b) = (known.Order().ElementAt(20), unknown.Order().ElementAt(20));
        Assert.True(Math.Abs(a - b) / Math.Max(a, b) < 0.15, $"known {a:F1} ms, unknown {b:F1} ms");

        async Task<double> TimeAsync(string name, int i)
        {
            var clock = Stopwatch.StartNew();
            await SignInAsync(name, "some password 123", $"198.18.{i}.{known.Count % 250}");
            return clock.Elapsed.TotalMilliseconds;
        }
    }

    [Fact]
    public async Task T9_A_hundred_thousand_tokens_with_a_wrong_checksum_do_not_reach_the_database()
    {
        var commands = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql", Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = activity => { if (activity.Parent?.OperationName == "T9") Interlocked.Increment(ref commands); },
        };
        ActivitySource.AddActivityListener(listener);
        using var here = new Activity("T9").Start();
        await using var scope = app.Services.CreateAsyncScope();
        var swap = scope.ServiceProvider.GetRequiredService<SwapCredential>();
        var real = OpaqueToken.Create(OpaqueToken.Personal);
        for (var i = 0; i < 100_000; i++)
        {
            var forged = $"{real[..20]}{i:D10}{real[30..]}";
            if (!OpaqueToken.IsWellFormed(forged)) Assert.Null(await swap.RunAsync("bearer", forged, default));
        }
        Assert.Equal(0, commands);
        Assert.Null(await swap.RunAsync("bearer", OpaqueToken.Create(OpaqueToken.Personal), default));   // well formed, unknown: now it asks
        Assert.NotEqual(0, commands);
    }

    [Fact]
    public async Task T9_A_token_loses_what_its_owner_loses()
    {
        var person = await app.APersonAsync(role: Role.Maintainer);
        var path = $"/api/v1/organisations/{person.Organisation}/members/{person.Name}";
        foreach (var (method, body, left) in new (HttpMethod, object?, Role?[])[] { (HttpMethod.Put, new SetMember(Role.Reader), [Role.Reader]), (HttpMethod.Delete, null, []) })
        {
            using var changed = await app.CallAsync(method, path, app.AdminToken, body);
            Assert.True(changed.IsSuccessStatusCode);
            using var me = await app.GetAsync("/api/v1/users/me", person.Token);
            Assert.Equal(left, (await me.ReadAsync<MeView>()).Organisations.Select(o => (Role?)o.Role));
        }
    }

    [Fact]
    public async Task T9_A_token_in_an_address_or_a_form_is_none()
    {
        var access = OAuthFlow.Text(await new OAuthFlow(app).TokensAsync(await app.APersonAsync()), "access_token");
        using var query = await app.Client.GetAsync($"/connect/userinfo?access_token={access}");
        Assert.Equal(HttpStatusCode.Unauthorized, query.StatusCode);
        using var form = await app.Client.PostAsync("/connect/userinfo", new FormUrlEncodedContent([new("access_token", access)]));
        Assert.Equal(HttpStatusCode.Unauthorized, form.StatusCode);
    }
}
