using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Hosting;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Gateway.Tests;

/// <summary>The real gateway before seven small backends. Identity's swaps <c>good</c> for <c>internal-good</c>, and so on, and refuses the rest.</summary>
public sealed class GatewayApp : IAsyncLifetime
{
    public const string Origin = "http://zoo.test";
    public const string SessionCookie = "__Host-zoo-test";

    /// <summary>Swapped for an internal token that says so.</summary>
    public const string AdministratorToken = "good-administrator";
    private static readonly string[] s_services = ["identity", "artifact", "catalog", "search", "benchmark", "web"];
    private readonly Dictionary<string, Backend> _backends = [];
    private readonly ServiceApp<Program> _gateway = new();
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };

    /// <summary>What Identity was asked to swap, as <c>kind value</c>.</summary>
    public List<string> Swaps { get; } = [];

    /// <summary>Identity answers 500.</summary>
    public bool IdentityIsBroken { get; set; }

    /// <summary>Identity answers a swap of this value only when this is done.</summary>
    public (string Value, Task Until)? IdentityWaits { get; set; }

    /// <summary>Sets a setting of the gateway's; before it is started.</summary>
    public GatewayApp With(string key, string value)
    {
        _gateway.With(key, value);
        return this;
    }

    public Uri Address { get; private set; } = null!;
    public HttpClient Client { get; private set; } = null!;

    internal Backend this[string service] => _backends[service];

    public async Task InitializeAsync()
    {
        foreach (var service in s_services)
        {
            _backends[service] = await Backend.StartAsync(service);
            _gateway.With($"services:{service}:http:0", _backends[service].Address.ToString());
        }
        _backends["identity"].Answer = SwapAsync;
        _gateway.With("Client:Token", "the-gateways-own").With("Platform:PublicUrl", Origin).With("Platform:Instance", "test");
        Address = _gateway.Start();
        Client = new HttpClient(_handler) { BaseAddress = Address };
    }

    public async Task DisposeAsync()
    {
        Client?.Dispose();   // null: it did not start
        _handler.Dispose();
        await _gateway.DisposeAsync();
        foreach (var backend in _backends.Values) await backend.DisposeAsync();
    }

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, new Uri(Address, path));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return Client.SendAsync(request);
    }

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, headers);

    public Task<HttpResponseMessage> SendBodyAsync(string path, HttpContent content) => Client.PostAsync(new Uri(Address, path), content);

    private async Task<bool> SwapAsync(HttpContext context)
    {
        if (context.Request.Path != "/internal/tokens/swap") return false;
        Assert.Equal("Bearer the-gateways-own", context.Request.Headers.Authorization);
        var request = (await context.Request.ReadFromJsonAsync<SwapRequest>(ZooJson.Options))!;
        lock (Swaps) Swaps.Add($"{request.Kind} {request.Value}".TrimEnd());
        if (IdentityIsBroken)
        {
            context.Response.StatusCode = 500;
            return true;
        }
        if (IdentityWaits is { } waits && waits.Value == request.Value) await waits.Until;
        var accepted = request.Kind == "anonymous" || request.Value is ['g', 'o', 'o', 'd', ..];
        if (!accepted)
        {
            context.Response.StatusCode = 401;
            await context.Response.WriteAsJsonAsync(new { type = "urn:zoo:credential.refused" }, (System.Text.Json.JsonSerializerOptions?)null, "application/problem+json");
            return true;
        }
        var token = request.Value == AdministratorToken ? $"e30.{WebEncoders.Base64UrlEncode("""{"admin":true}"""u8)}.sig" : $"internal-{request.Value ?? "anonymous"}";
        await context.Response.WriteAsJsonAsync(new SwapAnswer(token, DateTimeOffset.UnixEpoch, request.Value), ZooJson.Options);
        return true;
    }
}

internal static class Answers
{
    /// <summary>The header of this name that the backend saw; null: none.</summary>
    public static string? Saw(this HttpResponseMessage answer, string header) =>
        answer.Headers.TryGetValues($"Saw-{header}", out var values) ? string.Join(", ", values) : null;

    public static string? Reached(this HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Reached", out var values) ? values.Single() : null;

    public static async Task ShouldBeAsync(this HttpResponseMessage answer, HttpStatusCode status, string contentType, string contains)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(contentType, answer.Content.Headers.ContentType?.ToString());
        Assert.Contains(contains, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
