using System.Net;
using Xunit;

namespace ZooPlatform.Identity.Tests;

/// <summary>T6: forms that another site sends with the browser's cookies, and pages inside another site's frame.</summary>
[Collection(ThreatsToTokens.Name)]
public sealed class T6Csrf(IdentityApp app)
{
    public static TheoryData<string> Forms => ["/account/sign-in", "/account/sign-out", "/account/one-time", "/account/invitation", "/account/invitation?handler=Join",
        "/account?handler=Token", "/account?handler=Revoke", "/account?handler=Forget", "/account?handler=Password", "/account/device", "/account/device?handler=Decide", "/connect/consent"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task T6_A_form_without_the_pages_own_token_or_with_another_browsers_does_nothing(string path)
    {
        var (victim, attacker) = (await VictimAsync(), new Browser(app.Client));
        await attacker.OpenAsync("/account/sign-in");
        foreach (var formToken in new[] { "", attacker.FormTokenOfPage })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent([new("form_token", formToken), new("name", "x"), new("scopes", "read"), new("decision", "allow"), new("code", "x")]),
            };
            request.Headers.Add("Cookie", $"{IdentityApp.SessionCookie}={victim.Browser[IdentityApp.SessionCookie]}");
            using var answer = await app.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
        using var still = await app.SwapAsync("session", victim.Browser[IdentityApp.SessionCookie]);
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    [Theory]
    [InlineData("/account/sign-in")]
    [InlineData("/account")]
    [InlineData("/account/device")]
    [InlineData("/account/sign-out")]
    [InlineData("/connect/consent?client_id=zoo-cli")]
    [InlineData("/connect/authorize?client_id=nobody")]
    public async Task T6_No_page_shows_in_a_frame_or_tells_where_it_was(string path)
    {
        using var page = await (await VictimAsync()).Browser.OpenAsync(path);
        Assert.Contains("frame-ancestors 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("no-referrer", page.Headers.GetValues("Referrer-Policy").Single());
    }

    private static Task<Person>? s_victim;

    /// <summary>One for all these forms: none of them may do anything.</summary>
    private Task<Person> VictimAsync() => s_victim ??= app.APersonAsync();
}
