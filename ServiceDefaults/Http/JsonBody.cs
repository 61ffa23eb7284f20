using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace ZooPlatform.ServiceDefaults.Http;

/// <summary>A JSON body that the route reads itself, once it is settled that the caller may know what the path names and may change it.
/// A plain parameter is read, and refused, before the route begins: a bad body would then get another answer than the thing it is for.</summary>
public sealed class JsonBody<T> : IEndpointParameterMetadataProvider where T : class
{
    private readonly HttpRequest _request;

    private JsonBody(HttpRequest request) => _request = request;

    /// <exception cref="BadHttpRequestException">There is no body, it is not JSON (415), or not the JSON of a <typeparamref name="T"/>: the caller gets 400.</exception>
    public async Task<T> ReadAsync(CancellationToken ct)
    {
        if (!_request.HasJsonContentType())
            throw new BadHttpRequestException("The body is JSON here. Send it with Content-Type: application/json.", StatusCodes.Status415UnsupportedMediaType);
        try
        {
            return await _request.ReadFromJsonAsync<T>(ct) ?? throw new BadHttpRequestException("The body is null; this expects an object.");
        }
        catch (JsonException e)
        {
            throw new BadHttpRequestException("The body is not the JSON this expects.", e);
        }
    }

    /// <summary>Lets a route take it as a parameter.</summary>
    public static ValueTask<JsonBody<T>> BindAsync(HttpContext context) => new(new JsonBody<T>(context.Request));

    static void IEndpointParameterMetadataProvider.PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) =>
        builder.Metadata.Add(new AcceptsMetadata(["application/json", "*/*"], typeof(T)));   // */*: or routing would refuse another type before the policy is asked
}
