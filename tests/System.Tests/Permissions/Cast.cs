using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace ZooPlatform.Tests.Whole.Permissions;

/// <param name="Token">Null: anonymous.</param>
internal sealed record Person(string Name, string? Token, HttpClient Http);

/// <summary>Makes people the way people come: an invitation's link, its form, a token. Over HTTP alone.</summary>
internal static partial class Cast
{
    public static readonly string[] AllScopes = ["read", "write", "infer", "admin"];

    public static Person Administrator(RunningZoo running) => new("admin", running.AdminToken, running.Http(running.AdminToken));

    public static Person Anonymous(RunningZoo running) => new("anonymous", null, running.Http(null));

    public static async Task<string> OrganisationAsync(Person founder)
    {
        var name = Fresh("org");
        await founder.JsonAsync(HttpMethod.Post, "/api/v1/organisations", new { name });
        return name;
    }

    /// <summary>A new user with this role in the organisation, and a token of theirs with all scopes.</summary>
    public static async Task<Person> JoinAsync(RunningZoo running, Person owner, string organisation, string role, string word)
    {
        var name = Fresh(word);
        var invitation = await owner.JsonAsync(HttpMethod.Post, $"/api/v1/organisations/{organisation}/invitations", new { email = $"{name}@example.org", role });
        var link = new Uri(invitation.GetProperty("link").GetString()!).PathAndQuery;
        var cookies = new Dictionary<string, string>();
        using var browser = running.Http(null);
        using var form = await SendAsync(browser, cookies, new HttpRequestMessage(HttpMethod.Get, link));
        var fields = HiddenField().Matches(await form.Content.ReadAsStringAsync())
            .ToDictionary(input => FieldName().Match(input.Value).Groups[1].Value, input => WebUtility.HtmlDecode(FieldValue().Match(input.Value).Groups[1].Value));
        fields["name"] = name;
        fields["password"] = "drei blaue Walzer im Regen";
        using var signedUp = await SendAsync(browser, cookies, FromOurPage(running, link, new FormUrlEncodedContent(fields)));
        Assert.True(signedUp.StatusCode == HttpStatusCode.SeeOther, $"{signedUp.StatusCode}: {await signedUp.Content.ReadAsStringAsync()}");
        using var made = await SendAsync(browser, cookies, FromOurPage(running, "/api/v1/tokens", JsonContent.Create(new { name = "test", scopes = AllScopes })));
        Assert.True(made.IsSuccessStatusCode, $"{made.StatusCode}: {await made.Content.ReadAsStringAsync()}");
        var token = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
        return new Person(name, token, running.Http(token));
    }

    /// <summary>Another token of the same person's.</summary>
    public static async Task<(Person Person, string Id)> WithTokenAsync(this Person person, RunningZoo running, params string[] scopes)
    {
        var made = await person.JsonAsync(HttpMethod.Post, "/api/v1/tokens", new { name = "another", scopes });
        var token = made.GetProperty("token").GetString()!;
        return (new Person(person.Name, token, running.Http(token)), made.GetProperty("id").GetString()!);
    }

    public static async Task<Person> AccountAsync(RunningZoo running, Person owner, string organisation, string name)
    {
        var accounts = $"/api/v1/organisations/{organisation}/service-accounts";
        await owner.JsonAsync(HttpMethod.Post, accounts, new { name, role = "contributor" });
        var made = await owner.JsonAsync(HttpMethod.Post, $"{accounts}/{name}/tokens", new { name = "test", scopes = new[] { "read", "write", "infer" } });
        var token = made.GetProperty("token").GetString()!;
        return new Person(name, token, running.Http(token));
    }

    /// <summary>What must work: the JSON it answers; undefined when it answers none.</summary>
    public static async Task<JsonElement> JsonAsync(this Person person, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await person.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path} by {person.Name}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }

    /// <summary>A name that was never used, 12 characters more than the word.</summary>
    public static string Fresh(string word) => word + Guid.CreateVersion7().ToString("N")[^12..];

    private static HttpRequestMessage FromOurPage(RunningZoo running, string path, HttpContent content) =>
        new(HttpMethod.Post, path) { Content = content, Headers = { { "Origin", running.Url }, { "Sec-Fetch-Site", "same-origin" } } };

    private static async Task<HttpResponseMessage> SendAsync(HttpClient browser, Dictionary<string, string> cookies, HttpRequestMessage request)
    {
        if (cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", cookies.Select(pair => $"{pair.Key}={pair.Value}")));
        var answer = await browser.SendAsync(request);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
            cookies[cookie.Split('=', 2)[0]] = cookie.Split(';')[0].Split('=', 2)[1];
        return answer;
    }

    [GeneratedRegex("<input[^>]*type=\"hidden\"[^>]*>")]
    private static partial Regex HiddenField();

    [GeneratedRegex("name=\"([^\"]*)\"")]
    private static partial Regex FieldName();

    [GeneratedRegex("value=\"([^\"]*)\"")]
    private static partial Regex FieldValue();
}
