using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>Bodies of protocols that are not ours: fields that nobody knows are left alone, since clients send new ones with every version.</summary>
internal static class LenientJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { MaxDepth = 32 };

    /// <summary>The body, once it is settled that the caller may send it.</summary>
    /// <exception cref="BadHttpRequestException">It is not the JSON of a <typeparamref name="T"/> (400), or larger than this allows (413).</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, long maxBytes, CancellationToken ct) where T : class
    {
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = maxBytes;
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(request.Body, Options, ct) ?? throw new BadHttpRequestException("The body is null; this expects an object.");
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException("The body is not the JSON this expects.", e);
        }
    }
}
