using Microsoft.Extensions.Primitives;

namespace ZooPlatform.Identity.OAuth;

/// <summary>The parameters of one OAuth request, from the query or from the form, never from both.</summary>
/// <remarks>An empty one is absent, an unknown one ignored, a repeated one an error (RFC 6749, section 3.1). ASP.NET Core ignores the
/// case of keys, so <c>?a=1&amp;A=2</c> is a repetition as well.</remarks>
internal sealed class OAuthParameters
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private OAuthParameters(IEnumerable<KeyValuePair<string, StringValues>> parameters)
    {
        foreach (var (key, values) in parameters)
        {
            if (values.Count > 1) Repeated ??= key;
            else if (values is [{ Length: > 0 } value]) _values[key] = value;
        }
    }

    /// <summary>A parameter that came more than once.</summary>
    public string? Repeated { get; }

    public string? this[string name] => _values.GetValueOrDefault(name);

    public static OAuthParameters OfQuery(HttpRequest request) => new(request.Query);

    /// <summary>Null when the body is no form.</summary>
    public static async Task<OAuthParameters?> OfFormAsync(HttpRequest request, CancellationToken ct) =>
        request.HasFormContentType ? new OAuthParameters(await request.ReadFormAsync(ct)) : null;

    /// <summary>Query of a GET, form of a POST.</summary>
    public static async Task<OAuthParameters> OfAsync(HttpRequest request, CancellationToken ct) =>
        HttpMethods.IsPost(request.Method) ? await OfFormAsync(request, ct) ?? new OAuthParameters([]) : OfQuery(request);

    public IEnumerable<KeyValuePair<string, string>> Without(params string[] names) => _values.Where(pair => !names.Contains(pair.Key));

    /// <summary>As a query string, without some.</summary>
    public QueryString ToQuery(params string[] without) =>
        QueryString.Create(Without(without).Select(pair => KeyValuePair.Create(pair.Key, (string?)pair.Value)));
}
