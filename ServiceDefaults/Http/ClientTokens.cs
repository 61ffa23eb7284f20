using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.Configuration;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.ServiceDefaults.Http;

/// <summary>Internal tokens for this service's own work, asked of Identity with the client secret from the AppHost and kept
/// until shortly before they expire.</summary>
public sealed class ClientTokens(IHttpClientFactory clients, IConfiguration configuration, TimeProvider time)
{
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<string, SwapAnswer> _tokens = new(StringComparer.Ordinal);

    /// <exception cref="HttpRequestException">Identity is out of reach or refuses the secret or a scope.</exception>
    public async Task<string> GetAsync(IReadOnlyList<string> scopes, CancellationToken ct)
    {
        // Where there is no Identity (a service's own tests), the setting is the token.
        if (configuration["Client:Token"] is { } given) return given;
        var key = string.Join(' ', scopes);
        if (_tokens.TryGetValue(key, out var kept) && kept.ExpiresAt - s_margin > time.GetUtcNow()) return kept.Token;

        using var identity = clients.CreateClient(ServiceClients.Bare("identity"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/tokens/client")
        {
            Content = JsonContent.Create(new ClientTokenRequest(scopes), options: ZooJson.Options),
        };
        var credentials = $"{Required("Client:Id")}:{Required("Client:Secret")}";
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        using var response = await identity.SendAsync(request, ct);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<SwapAnswer>(ZooJson.Options, ct)
            ?? throw new HttpRequestException("Identity answered no token.");
        return (_tokens[key] = answer).Token;
    }

    private string Required(string key) =>
        configuration[key] ?? throw new InvalidOperationException($"Setting {key} is missing: the AppHost gives it to each service.");
}
