using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.OAuth;

/// <summary>npm's openid-client, and our own command line on another machine, sign in through the gateway.</summary>
[Collection(OnARunningZoo.Name)]
public sealed partial class RealClientTests(RunningZoo running)
{
    // What People signs everybody up with.
    private const string Password = "drei blaue Walzer im Regen";

    [Fact]
    public async Task Openid_client_signs_a_person_in_and_does_all_that_discovery_promises()
    {
        using var admin = running.Http(running.AdminToken);
        var (redirect, goodbye) = ("http://127.0.0.1:9/cb", "http://127.0.0.1:9/bye");
        var client = Text(await PostAsync(admin, "/api/v1/clients", new
        {
            name = "openid-client", redirectUris = new[] { redirect }, scopes = new[] { "openid", "profile", "email", "read" },
            confidential = true, deviceFlow = true, postLogoutRedirectUris = new[] { goodbye },
        }), "id");
        var secret = Text(await PostAsync(admin, $"/api/v1/clients/{client}/secrets", null), "secret");
        var organisation = await running.NewOrganisationAsync();
        var account = await running.Zoo.JsonAsync("service-account", "create", "ci", "--org", organisation, "--role", "contributor");
        var accountSecret = await running.Zoo.JsonAsync("service-account", "secret", "ci", "--org", organisation);

        var ran = await NodeAsync(["client.mjs"], await APersonAsync(), ("CLIENT_ID", client), ("CLIENT_SECRET", secret), ("REDIRECT_URI", redirect),
            ("GOODBYE", goodbye), ("ACCOUNT_ID", Text(account, "id")), ("ACCOUNT_SECRET", Text(accountSecret, "secret")));

        // What the service account got is good for its organisation, as contributor, at every service.
        var access = Text(JsonDocument.Parse(ran).RootElement, "accessToken");
        using var service = running.Http(access);
        var made = await PostAsync(service, "/api/v1/repositories", new { owner = organisation, name = "made-by-ci", visibility = "private" });
        Assert.Equal("contributor", Text(made, "role"));
    }

    [Fact]
    public async Task The_command_line_signs_in_on_a_machine_without_a_browser()
    {
        var (name, home) = (await APersonAsync(), running.NewFolder("home"));
        var zoo = new Zoo(Path.Combine(home, "nobody"), running.Url, null, home);
        using var login = zoo.Start("login", "--device", "--json");
        var code = "";
        while (await login.StandardError.ReadLineAsync() is { } line)
            if (UserCode().Match(line) is { Success: true } match)
            {
                code = match.Value;
                break;
            }
        await NodeAsync(["allow-device.mjs", code], name);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await login.WaitForExitAsync(patience.Token);
        Assert.Equal(0, login.ExitCode);
        Assert.Equal(name, Text(await zoo.JsonAsync("whoami"), "name"));

        // Its access token dies after minutes; the command line gets the next one by itself, and each refresh token serves once.
        var file = Path.Combine(home, "zooplatform", "logins.json");
        var before = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, ExpiresAt().Replace(before, "\"expiresAt\": \"2020-01-01T00:00:00+00:00\""));
        Assert.Equal(name, Text(await zoo.JsonAsync("whoami"), "name"));
        Assert.NotEqual(RefreshToken().Match(before).Value, RefreshToken().Match(await File.ReadAllTextAsync(file)).Value);

        var after = await File.ReadAllTextAsync(file);
        Assert.True((await zoo.JsonAsync("logout")).GetProperty("revoked").GetBoolean());
        await File.WriteAllTextAsync(file, after);
        var ended = await zoo.RunAsync("whoami");
        Assert.True(ended.ExitCode == 1 && ended.Error.Contains("error:", StringComparison.Ordinal), ended.ToString());
    }

    private async Task<string> APersonAsync()
    {
        using var http = running.Http(await People.JoinAsync(running, "ida"));
        return Text(await http.GetFromJsonAsync<JsonElement>("/api/v1/users/me"), "name");
    }

    private async Task<string> NodeAsync(string[] script, string user, params (string Name, string Value)[] settings)
    {
        var client = await NodeClient.InstallAsync("tests/System.Tests/OAuth/openid-client", running.NewFolder("openid-client"));
        return await client.RunAsync(script, [.. settings, ("ISSUER", running.Url), ("USER_NAME", user), ("PASSWORD", Password)]);
    }

    private static async Task<JsonElement> PostAsync(HttpClient http, string path, object? body)
    {
        using var answer = await http.PostAsync(path, body is null ? null : JsonContent.Create(body));
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    [GeneratedRegex("\\b[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}\\b")]
    private static partial Regex UserCode();

    [GeneratedRegex("\"expiresAt\": \"[^\"]*\"")]
    private static partial Regex ExpiresAt();

    [GeneratedRegex("\"refreshToken\": \"[^\"]*\"")]
    private static partial Regex RefreshToken();
}
