using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Identity.Tests;

/// <summary>The real Identity on real PostgreSQL, with the gateway's work done by hand: swap first, then call.</summary>
public sealed class IdentityApp : IAsyncLifetime
{
    public const string Origin = "http://zoo.test";
    public const string SessionCookie = "__Host-zoo-test";
    public const int TriesBeforeAddressLock = 20;
    public const string KeysSecret = "a test's own secret, 32 characters or more";
    public const string Password = "plain blue river stone";
    private ServiceApp<Program> _service = new();
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
    private string _database = "";

    public string DataFolder { get; } = Directory.CreateTempSubdirectory("zoo-identity-").FullName;
    public HttpClient Client { get; private set; } = null!;

    /// <summary>What admin.json says.</summary>
    public JsonElement Admin => JsonDocument.Parse(File.ReadAllText(Path.Combine(DataFolder, "admin.json"))).RootElement;
    public string AdminToken => Admin.GetProperty("token").GetString()!;

    private FeedOwner<RepositoryState> _artifact = null!;

    /// <summary>How many repositories Artifact says an owner has; none unless a test puts it here.</summary>
    public ConcurrentDictionary<string, int> Repositories { get; } = new(StringComparer.Ordinal);

    /// <summary>The service's own parts, for what no request shows.</summary>
    public IServiceProvider Services => _service.Services;

    public async Task InitializeAsync()
    {
        _artifact = await FeedOwner<RepositoryState>.StartAsync(artifact => artifact.MapGet("/api/v1/repositories", (string owner) =>
        {
            var now = TimeProvider.System.GetUtcNow();
            return Results.Json(new Page<RepositoryView>([.. Enumerable.Range(0, Repositories.GetValueOrDefault(owner)).Select(i =>
                new RepositoryView(Guid.CreateVersion7(), owner, $"r{i}", Visibility.Private, null, null, Role.Owner, now, now))]), ZooJson.Options);
        }));
        _database = await (await PostgresServer.Shared).CreateDatabaseAsync();
        Start();
    }

    public async Task RestartAsync()
    {
        Client.Dispose();
        await _service.DisposeAsync();
        _service = new ServiceApp<Program>();
        Start();
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        _handler.Dispose();
        await _service.DisposeAsync();
        await _artifact.DisposeAsync();
        Directory.Delete(DataFolder, recursive: true);
    }

    private void Start()
    {
        _service.With("Auth:Jwks", null).With("ConnectionStrings:identitydb", _database).With("Platform:PublicUrl", Origin)
            .With("Platform:Instance", "test").With("Keys:Secret", KeysSecret).With("SignIn:TriesBeforeAddressLock", $"{TriesBeforeAddressLock}").With("Platform:DataFolder", DataFolder).With("SignIn:TriesPerAddressAndMinute", "10000")
            .With("Clients:gateway:Secret", "gateway-secret").With("Clients:artifact:Secret", "artifact-secret").With("services:artifact:http:0", _artifact.Address.ToString());
        Client = new HttpClient(_handler, disposeHandler: false) { BaseAddress = _service.Start() };
    }

    /// <summary>The database's connection string.</summary>
    public string Database => _database;

    /// <summary>A value of the database.</summary>
    public async Task<object?> SqlAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>A service's own token.</summary>
    public async Task<HttpResponseMessage> ClientTokenAsync(string id, string secret, params string[] scopes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/tokens/client") { Content = JsonContent.Create(new ClientTokenRequest(scopes), options: ZooJson.Options) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));
        return await Client.SendAsync(request);
    }

    public async Task<HttpResponseMessage> SwapAsync(string kind, string? value)
    {
        using var own = await ClientTokenAsync("gateway", "gateway-secret", Scopes.IdentitySwap);
        var token = (await own.ReadAsync<SwapAnswer>()).Token;
        return await SendAsync(HttpMethod.Post, "/internal/tokens/swap", token, new SwapRequest(kind, value));
    }

    /// <summary>As the gateway does it: the caller's token is swapped, the internal one is sent.</summary>
    public async Task<HttpResponseMessage> CallAsync(HttpMethod method, string path, string? callersToken, object? body = null)
    {
        using var swapped = await SwapAsync(callersToken is null ? "anonymous" : "bearer", callersToken);
        return swapped.IsSuccessStatusCode ? await SendAsync(method, path, (await swapped.ReadAsync<SwapAnswer>()).Token, body) : throw new InvalidOperationException("The swap was refused.");
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? callersToken) => CallAsync(HttpMethod.Get, path, callersToken);

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string internalToken, object? body = null)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", internalToken);
        if (body is not null) request.Content = JsonContent.Create(body, body.GetType(), options: ZooJson.Options);
        return Client.SendAsync(request);
    }

    /// <summary>A new organisation of the administrator's.</summary>
    public async Task<string> AnOrganisationAsync(string? ownersToken = null)
    {
        var name = Fresh("org");
        using var made = await CallAsync(HttpMethod.Post, "/api/v1/organisations", ownersToken ?? AdminToken, new CreateOrganisation(name));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return name;
    }

    public async Task<InvitationView> AnInvitationAsync(string organisation, Role role)
    {
        using var made = await CallAsync(HttpMethod.Post, $"/api/v1/organisations/{organisation}/invitations", AdminToken, new CreateInvitation($"{Fresh("x")}@example.org", role));
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        return await made.ReadAsync<InvitationView>();
    }

    /// <summary>A new user who accepted an invitation, signed in with a browser and with a token of all scopes.</summary>
    internal async Task<Person> APersonAsync(string? organisation = null, Role role = Role.Reader)
    {
        organisation ??= await AnOrganisationAsync();
        var invitation = await AnInvitationAsync(organisation, role);
        var browser = new Browser(Client);
        var name = Fresh("user");
        await browser.OpenAsync(new Uri(invitation.Link!).PathAndQuery);
        using var joined = await browser.PostAsync("/account/invitation", ("code", Code(invitation.Link!)), ("name", name), ("password", Password));
        Assert.Equal(HttpStatusCode.SeeOther, joined.StatusCode);
        using var swapped = await SwapAsync("session", browser[SessionCookie]);
        var session = (await swapped.ReadAsync<SwapAnswer>()).Token;
        using var made = await SendAsync(HttpMethod.Post, "/api/v1/tokens", session, new CreateToken("test"));
        return new Person(name, browser, (await made.ReadAsync<TokenView>()).Token!, organisation);
    }

    public static string Fresh(string start) => $"{start}{Guid.CreateVersion7():N}"[..24] + Interlocked.Increment(ref s_count);

    public static string Code(string link) => link.Split("code=")[1];

    private static int s_count;
}

internal sealed record Person(string Name, Browser Browser, string Token, string Organisation);

/// <summary>Keeps cookies, follows nothing, fills the hidden token into forms.</summary>
/// <param name="address">Where the gateway says it comes from; null: it says nothing.</param>
internal sealed partial class Browser(HttpClient client, string? address = null)
{
    private readonly Dictionary<string, string> _cookies = [];
    private string _formToken = "";

    public string? this[string cookie] => _cookies.GetValueOrDefault(cookie);

    /// <summary>The form token of the last page.</summary>
    public string FormTokenOfPage => _formToken;

    public async Task<HttpResponseMessage> OpenAsync(string path) => await SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public async Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        await SendAsync(new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(fields.Append(("form_token", _formToken)).Select(field => KeyValuePair.Create(field.Item1, field.Item2))),
        });

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        if (_cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        if (address is not null) request.Headers.Add("X-Forwarded-For", address);
        var answer = await client.SendAsync(request);
        if (answer.Headers.TryGetValues("Set-Cookie", out var cookies))
        {
            foreach (var cookie in cookies)
            {
                Assert.Contains("secure", cookie, StringComparison.OrdinalIgnoreCase);
                Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
                var (name, value) = cookie.Split(';')[0].Split('=', 2) is [var n, var v] ? (n, v) : (cookie, "");
                if (value.Length == 0) _cookies.Remove(name);
                else _cookies[name] = value;
            }
        }
        if (FormToken().Match(await answer.Content.ReadAsStringAsync()) is { Success: true } match) _formToken = match.Groups[1].Value;
        return answer;
    }

    [GeneratedRegex("name=\"form_token\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();
}

internal static class Answers
{
    public static async Task<T> ReadAsync<T>(this HttpResponseMessage answer) =>
        await answer.Content.ReadFromJsonAsync<T>(ZooJson.Options) ?? throw new InvalidOperationException("The answer is null.");

    public static async Task ShouldBeProblemAsync(this HttpResponseMessage answer, HttpStatusCode status, string type)
    {
        Assert.Equal((status, $"urn:zoo:{type}"), (answer.StatusCode, (await answer.ReadAsync<ProblemView>()).Type));
    }
}
