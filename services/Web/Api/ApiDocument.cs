using System.Text.Json;
using System.Text.Json.Nodes;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Web.Api;

/// <summary>The OpenAPI document that the gateway answers at <c>/openapi/v1.json</c>; the same for everybody.</summary>
internal sealed class ApiDocument(HttpClient client, IConfiguration configuration)
{
    private const int MaxBytes = 8 << 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <exception cref="HttpRequestException">The gateway is out of reach, or what it answers is no such document.</exception>
    public async Task<JsonObject> GetAsync(CancellationToken ct)
    {
        if (configuration["services:gateway:http:0"] is null) throw new HttpRequestException("This site was started without a gateway.");
        client.BaseAddress = ServiceClients.AddressOf(configuration, "gateway");
        client.Timeout = s_patience;
        client.MaxResponseContentBufferSize = MaxBytes;
        try
        {
            var bytes = await client.GetByteArrayAsync("/openapi/v1.json", ct);
            return JsonNode.Parse(bytes, documentOptions: new JsonDocumentOptions { MaxDepth = 64 }) as JsonObject ?? throw new HttpRequestException("The gateway answered no object.");
        }
        catch (JsonException e)
        {
            throw new HttpRequestException("The gateway answered no JSON.", e);
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            throw new HttpRequestException($"The gateway did not answer within {s_patience.TotalSeconds} s.", e);
        }
    }
}
