using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>Paging as the hub does it: the header <c>Link</c> names the next page's whole address.</summary>
internal static class HubLink
{
    /// <summary>Where this page begins, as the link before said; null: the first one.</summary>
    public static string? Cursor(HttpRequest request) =>
        request.Query["cursor"] is [{ Length: > 0 and < 4096 } cursor] && Base64Url.IsValid(cursor) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)) : null;

    public static int Limit(HttpRequest request, int max) =>
        int.TryParse(request.Query["limit"], out var limit) ? Math.Clamp(limit, 1, max) : max;

    /// <param name="next">Null: this was the last page.</param>
    public static void Write(HttpResponse response, PublicUrl url, string? next)
    {
        if (next is null) return;
        var request = response.HttpContext.Request;
        var path = response.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?')[0];
        var query = request.Query.Where(one => one.Key != "cursor").SelectMany(one => one.Value, (one, value) => KeyValuePair.Create(one.Key, value))
            .Append(KeyValuePair.Create("cursor", (string?)Base64Url.EncodeToString(Encoding.UTF8.GetBytes(next))));
        // A blank after the semicolon and the quotes: JavaScript's pattern needs both.
        response.Headers.Link = $"<{url.Of(QueryHelpers.AddQueryString(path, query))}>; rel=\"next\"";
    }
}
