using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace ZooPlatform.Tests.Whole;

/// <summary>Brings a second person into the zoo the way people come: an invitation's link, its form in a browser, a token.</summary>
internal static partial class People
{
    /// <summary>A personal token of a new user, who is in <paramref name="organisation"/>, or in one that nobody else knows.</summary>
    public static async Task<string> JoinAsync(RunningZoo running, string name, string? organisation = null, string role = "reader")
    {
        organisation ??= await running.NewOrganisationAsync();
        var userName = $"{name}{Random.Shared.Next(100_000, 999_999)}";
        var invitation = await running.Zoo.JsonAsync("user", "invite", $"{userName}@example.org", "--org", organisation, "--role", role);
        var link = new Uri(invitation.GetProperty("link").GetString()!);

        var cookies = new Dictionary<string, string>();
        using var browser = running.Http(null);
        var form = await SendAsync(browser, cookies, new HttpRequestMessage(HttpMethod.Get, link.PathAndQuery));
        Assert.Equal(HttpStatusCode.OK, form.StatusCode);
        var fields = HiddenFields(await form.Content.ReadAsStringAsync());
        fields["name"] = userName;
        fields["password"] = "drei blaue Walzer im Regen";
        var signedUp = await SendAsync(browser, cookies, new HttpRequestMessage(HttpMethod.Post, link.PathAndQuery)
        {
            Content = new FormUrlEncodedContent(fields),
            Headers = { { "Origin", running.Url }, { "Sec-Fetch-Site", "same-origin" } },
        });
        Assert.True(signedUp.StatusCode == HttpStatusCode.SeeOther, $"{signedUp.StatusCode}: {await signedUp.Content.ReadAsStringAsync()}");

        var made = await SendAsync(browser, cookies, new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens")
        {
            Content = JsonContent.Create(new { name = "test" }),
            Headers = { { "Origin", running.Url }, { "Sec-Fetch-Site", "same-origin" } },
        });
        Assert.True(made.IsSuccessStatusCode, $"{made.StatusCode}: {await made.Content.ReadAsStringAsync()}");
        return JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("token").GetString()!;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient browser, Dictionary<string, string> cookies, HttpRequestMessage request)
    {
        if (cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", cookies.Select(pair => $"{pair.Key}={pair.Value}")));
        var answer = await browser.SendAsync(request);
        if (answer.Headers.TryGetValues("Set-Cookie", out var set))
            foreach (var cookie in set)
            {
                var pair = cookie.Split(';')[0].Split('=', 2);
                cookies[pair[0]] = pair[1];
            }
        return answer;
    }

    private static Dictionary<string, string> HiddenFields(string html) => HiddenField().Matches(html)
        .Select(match => match.Value)
        .ToDictionary(input => Name().Match(input).Groups[1].Value, input => WebUtility.HtmlDecode(Value().Match(input).Groups[1].Value));

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*>")]
    private static partial Regex HiddenField();

    [GeneratedRegex("name=\"([^\"]*)\"")]
    private static partial Regex Name();

    [GeneratedRegex("value=\"([^\"]*)\"")]
    private static partial Regex Value();
}
