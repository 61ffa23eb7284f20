using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Identity.Tests;

/// <summary>The tests of the table of threats' rows T1 to T9; each name begins with its row. They share one service.</summary>
[CollectionDefinition(Name)]
public sealed class ThreatsToTokens : ICollectionFixture<IdentityApp>
{
    public const string Name = "T";
}

/// <summary>What a client does: codes, tokens, refreshes.</summary>
internal sealed class OAuthFlow(IdentityApp app, string clientId = "zoo-cli", string redirectUri = "http://127.0.0.1:51234/callback", string? secret = null)
{
    public const string Verifier = "dBjftJeZ4CVP-mBZR3nqPp0dX8vQyXWfTg7Kk1sLw2E";
    private static readonly string s_challenge = WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    public string ClientId => clientId;

    public Dictionary<string, string> Parameters(string scope = "openid read write", params (string Name, string Value)[] more)
    {
        var parameters = new Dictionary<string, string>
        {
            ["client_id"] = clientId, ["redirect_uri"] = redirectUri, ["response_type"] = "code", ["scope"] = scope,
            ["code_challenge"] = s_challenge, ["code_challenge_method"] = "S256", ["state"] = "s1", ["nonce"] = "n1",
        };
        foreach (var (name, value) in more) parameters[name] = value;
        return parameters;
    }

    public string Authorize(string scope = "openid read write", params (string Name, string Value)[] more) =>
        QueryHelpers.AddQueryString("/connect/authorize", Parameters(scope, more)!);

    /// <summary>A code for the person, who allows it where they are asked.</summary>
    public async Task<string> CodeAsync(Person person, string scope = "openid read write")
    {
        var answer = await person.Browser.OpenAsync(Authorize(scope));
        if (answer.Headers.Location!.ToString().StartsWith("/connect/consent", StringComparison.Ordinal))
        {
            await person.Browser.OpenAsync(answer.Headers.Location.ToString());
            answer = await person.Browser.PostAsync("/connect/consent", [.. Parameters(scope).Select(pair => (pair.Key, pair.Value)), ("decision", "allow")]);
        }
        return QueryHelpers.ParseQuery(answer.Headers.Location!.Query)["code"].ToString();
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, params (string Name, string Value)[] form)
    {
        var fields = form.Append(("client_id", clientId)).ToList();
        if (secret is not null) fields.Add(("client_secret", secret));
        using var answer = await app.Client.PostAsync(path, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Item1, field.Item2))));
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public Task<(HttpStatusCode Status, JsonElement Body)> RedeemAsync(string code, string verifier = Verifier) =>
        PostAsync("/connect/token", ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", redirectUri), ("code_verifier", verifier));

    public Task<(HttpStatusCode Status, JsonElement Body)> RefreshAsync(string token, string scope = "") =>
        PostAsync("/connect/token", ("grant_type", "refresh_token"), ("refresh_token", token), ("scope", scope));

    public async Task<JsonElement> TokensAsync(Person person, string scope = "openid read write")
    {
        var (status, body) = await RedeemAsync(await CodeAsync(person, scope));
        Assert.Equal(HttpStatusCode.OK, status);
        return body;
    }

    public static async Task<(OAuthFlow Flow, ClientView View)> OfNewClientAsync(IdentityApp app, CreateClient client)
    {
        using var made = await app.CallAsync(HttpMethod.Post, "/api/v1/clients", app.AdminToken, client);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var view = await made.ReadAsync<ClientView>();
        string? secret = null;
        if (client.Confidential)
        {
            using var secretMade = await app.CallAsync(HttpMethod.Post, $"/api/v1/clients/{view.Id}/secrets", app.AdminToken);
            secret = (await secretMade.ReadAsync<ClientSecretView>()).Secret;
        }
        return (new OAuthFlow(app, view.Id, client.RedirectUris.FirstOrDefault() ?? "", secret), view);
    }

    public static string Text(JsonElement body, string name) => body.GetProperty(name).GetString()!;

    public static async Task<HttpStatusCode> SwapAsync(IdentityApp app, string token)
    {
        using var swap = await app.SwapAsync("bearer", token);
        return swap.StatusCode;
    }

    public static async Task<HttpResponseMessage> UserInfoAsync(IdentityApp app, string token, HttpMethod? method = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, "/connect/userinfo");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await app.Client.SendAsync(request);
    }
}
