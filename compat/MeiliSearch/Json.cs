using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Meilisearch;

/// <summary>How requests are written and answers read.</summary>
internal static class Json
{
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.Web);

    public static JsonSerializerOptions WithoutNulls { get; } =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        answer.Content.ReadFromJsonAsync<T>(Options, cancellationToken);
}
