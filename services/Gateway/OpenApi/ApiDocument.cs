using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ZooPlatform.Gateway.Routes;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Gateway.OpenApi;

/// <summary><c>GET /openapi/v1.json</c>: the whole API in one document.</summary>
/// <remarks>Made when somebody asks, and anew after <see cref="s_life"/>, since services are replaced one by one. A service that is down
/// is shown as it last was; one that was never up is named in <c>x-missing</c>.</remarks>
internal sealed class ApiDocument(IHttpClientFactory clients, IConfiguration configuration, IOptions<PlatformOptions> platform, TimeProvider time) : IDisposable
{
    /// <summary>The HTTP client's name. A service's first document takes seconds on a busy machine.</summary>
    internal const string Client = "openapi";

    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(30);
    private static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly string[] s_services =
        [.. RouteTable.All.Where(route => route.Pattern.StartsWith("/api/v1/", StringComparison.Ordinal)).Select(route => route.Service).Distinct()];

    private readonly SemaphoreSlim _making = new(1);
    private readonly Dictionary<string, byte[]> _lastGood = new(StringComparer.Ordinal);
    private Made? _made;

    public async Task<Made> GetAsync(CancellationToken ct)
    {
        if (_made is { } fresh && fresh.Until > time.GetUtcNow()) return fresh;
        await _making.WaitAsync(ct);
        try
        {
            if (_made is { } other && other.Until > time.GetUtcNow()) return other;
            var parts = await Task.WhenAll(s_services.Select(service => PartAsync(service, ct)));
            var document = MergedDocument.Of(s_services.Zip(parts).ToDictionary(pair => pair.First, pair => pair.Second), platform.Value.PublicUrl);
            var bytes = JsonSerializer.SerializeToUtf8Bytes(document, s_json);
            var complete = parts.All(part => part is not null);
            return _made = new Made(bytes, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..32]}\"", time.GetUtcNow() + (complete ? s_life : TimeSpan.FromSeconds(1)));
        }
        finally
        {
            _making.Release();
        }
    }

    public void Dispose() => _making.Dispose();

    private async Task<JsonObject?> PartAsync(string service, CancellationToken ct)
    {
        try
        {
            using var client = clients.CreateClient(Client);
            var bytes = await client.GetByteArrayAsync(new Uri(ServiceClients.AddressOf(configuration, service), ServiceDocument.Path), ct);
            var part = JsonNode.Parse(bytes)!.AsObject();
            lock (_lastGood) _lastGood[service] = bytes;
            return part;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            lock (_lastGood) return _lastGood.TryGetValue(service, out var last) ? JsonNode.Parse(last)!.AsObject() : null;
        }
    }

    /// <param name="ETag">With its quotes.</param>
    internal sealed record Made(byte[] Bytes, string ETag, DateTimeOffset Until);
}

internal static class ApiDocumentRoutes
{
    public static void AddApiDocument(this IServiceCollection services)
    {
        services.AddHttpClient(ApiDocument.Client, client => client.Timeout = TimeSpan.FromSeconds(10))
            .ConfigurePrimaryHttpMessageHandler(provider => GuardedHandler.Create(provider.GetRequiredService<IConfiguration>()));
        services.AddSingleton<ApiDocument>();
    }

    public static void MapApiDocument(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/openapi/v1.json", async (HttpContext context, ApiDocument document, CancellationToken ct) =>
        {
            var made = await document.GetAsync(ct);
            context.Response.Headers.CacheControl = "no-cache";
            return TypedResults.Bytes(made.Bytes, "application/json", entityTag: new EntityTagHeaderValue(made.ETag));
        }).RequireAuthorization(Policies.Open).ExcludeFromDescription();
}
