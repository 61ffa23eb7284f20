using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc.ApiExplorer;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.ServiceDefaults.OpenApi;

/// <summary>A service's part of the API's document, at <see cref="Path"/>: its operations under <c>/api/v1</c> with their schemas.
/// The gateway makes the one document of all parts, and says there what holds everywhere.</summary>
/// <remarks>What only a route knows goes along as <c>x-zoo</c>: its policy, its example, the range of <c>limit</c>.</remarks>
public static class ServiceDocument
{
    /// <summary>Never routed by the gateway; it asks for it.</summary>
    public const string Path = "/internal/openapi.json";

    internal static void AddServiceDocument(this IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = operation => operation.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // Our own converter writes it, so nobody else knows that it is text.
            var type = context.JsonTypeInfo.Type;
            if (type == typeof(DateTimeOffset)) schema.Type = JsonSchemaType.String;
            else if (type == typeof(DateTimeOffset?)) schema.Type = JsonSchemaType.String | JsonSchemaType.Null;
            else if ((Nullable.GetUnderlyingType(type) ?? type).IsEnum) schema.Type = JsonSchemaType.String;
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            operation.RequestBody?.Content?.Remove("*/*");   // JsonBody's word to routing, which is nobody else's
            operation.Extensions ??= new Dictionary<string, IOpenApiExtension>();
            operation.Extensions["x-zoo"] = new JsonNodeExtension(Facts(context.Description));
            return Task.CompletedTask;
        });
    });

    internal static void MapServiceDocument(this WebApplication app) =>
        app.MapOpenApi(Path).RequireAuthorization(Policies.Open);

    private static JsonObject Facts(ApiDescription operation)
    {
        var metadata = operation.ActionDescriptor.EndpointMetadata;
        var example = OperationExample.Of(metadata.OfType<OperationExample>());
        var facts = new JsonObject { ["policy"] = metadata.OfType<IAuthorizeData>().Last(data => data.Policy is not null).Policy };
        if (metadata.OfType<PageLimit>().LastOrDefault() is { } limit) facts["maxLimit"] = limit.Max;
        facts["example"] = Members(example.Parameters.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value.DeepClone())));
        if (example.Body is { } body) facts["body"] = body.DeepClone();
        if (example.From.Count > 0) facts["from"] = Members(example.From.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)JsonValue.Create(pair.Value))));
        return facts;
    }

    private static JsonObject Members(IEnumerable<KeyValuePair<string, JsonNode?>> members) => new(members);
}
