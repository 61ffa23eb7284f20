using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace ZooPlatform.Tests.Whole.Permissions;

/// <summary>A request that a caller makes, and what of it names the thing that may be hidden.</summary>
/// <param name="Names">Texts in path and body; a request for what never existed has others of the same length there.</param>
internal sealed partial record Ask(HttpMethod Method, string Path, params string[] Names)
{
    public string? Json { get; init; }
    public byte[]? Bytes { get; init; }
    public string? Form { get; init; }
    public (string Name, string Value)? Header { get; init; }

    /// <summary>What a list shows when it shows the thing.</summary>
    public string Shows { get; init; } = Names.FirstOrDefault() ?? "";

    public async Task<Answer> SendAsync(Person caller)
    {
        using var request = new HttpRequestMessage(Method, Path);
        if (Json is not null) request.Content = new StringContent(Json, Encoding.UTF8, "application/json");
        if (Bytes is not null) request.Content = new ByteArrayContent(Bytes);
        if (Form is not null) request.Content = new StringContent(Form, Encoding.UTF8, "application/x-www-form-urlencoded");
        if (Header is { } header) request.Headers.Add(header.Name, header.Value);
        using var answer = await caller.Http.SendAsync(request);
        var headers = answer.Headers.Concat(answer.Content.Headers).Where(header => !s_ofTheRequest.Contains(header.Key))
            .OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}: {string.Join(", ", header.Value)}");
        return new Answer(answer.StatusCode, string.Join('\n', headers), TraceId().Replace(await answer.Content.ReadAsStringAsync(), "\"traceId\":\"\""));
    }

    /// <summary>The same request for something that never existed, and its answer told as if for this.</summary>
    public async Task<Answer> SendForMissingAsync(Person caller)
    {
        var others = Names.ToDictionary(name => name, Like);
        string There(string text) => others.Aggregate(text, (changed, pair) => changed.Replace(pair.Key, pair.Value));
        string Back(string text) => others.Aggregate(text, (changed, pair) => changed.Replace(pair.Value, pair.Key));
        var answer = await (this with { Path = There(Path), Json = Json is null ? null : There(Json) }).SendAsync(caller);
        return new Answer(answer.Status, Back(answer.Headers), Back(answer.Body));
    }

    public override string ToString() => $"{Method} {Path}";

    private static readonly HashSet<string> s_ofTheRequest = new(StringComparer.OrdinalIgnoreCase) { "Date", "X-Request-Id", "traceparent", "Server-Timing" };

    /// <summary>A name or id of the same form and length that nothing has.</summary>
    private static string Like(string name) => Guid.TryParse(name, out _) ? Guid.CreateVersion7().ToString() : name[..^12] + Guid.CreateVersion7().ToString("N")[^12..];

    [GeneratedRegex("\"traceId\":\"[^\"]*\"")]
    private static partial Regex TraceId();
}

internal sealed record Answer(HttpStatusCode Status, string Headers, string Body)
{
    public override string ToString() => $"{(int)Status} {(Body.Length > 300 ? Body[..300] + "..." : Body)}";
}
