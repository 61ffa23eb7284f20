using System.Text.Json;
using ZooPlatform.Cli.Credentials;
using ZooPlatform.Contracts;

namespace ZooPlatform.Cli.Clients;

/// <summary>The zoo answered, and refused.</summary>
internal sealed class ApiRefusal : Refusal
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    private ApiRefusal(int status, string? type, string message, string? advice)
        : base(message, advice)
    {
        Status = status;
        Type = type;
    }

    public int Status { get; }

    /// <summary><c>urn:zoo:...</c>, or the word of an OAuth error; null when the answer was neither.</summary>
    public string? Type { get; }

    public static async Task<ApiRefusal> ReadAsync(HttpResponseMessage answer, Connection connection, CancellationToken ct)
    {
        var status = (int)answer.StatusCode;
        var (type, detail) = Explain(await ReadTextAsync(answer, ct));
        detail ??= $"{answer.RequestMessage?.Method} {answer.RequestMessage?.RequestUri?.PathAndQuery} was answered {status} {answer.ReasonPhrase}";

        // A problem's detail says what happened and, after "Try", what to do next.
        var at = detail.IndexOf(" Try ", StringComparison.Ordinal);
        var advice = at >= 0 ? detail[(at + " Try ".Length)..].TrimEnd('.') : null;
        var message = at >= 0 ? detail[..at] : detail;
        return new ApiRefusal(status, type, message.TrimEnd('.'), advice ?? Advise(status, connection));
    }

    private static string? Advise(int status, Connection connection) => status switch
    {
        401 => $"./zoo login --url {connection.Url.GetLeftPart(UriPartial.Authority)}",
        403 => "ask an owner of it for a higher role, or use a token with more scopes",
        404 when connection.Token is null => "check the name; private ones are shown only to those who are signed in: ./zoo login",
        404 => "check the name, and with ./zoo whoami who you are",
        413 => "send less at once, or ask the operator to raise the limit",
        429 or 503 => "wait a moment and do it again; ./zoo status tells what is wrong on this machine",
        _ => null,
    };

    private static async Task<string> ReadTextAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        try
        {
            return await answer.Content.ReadAsStringAsync(ct);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return "";
        }
    }

    /// <summary>Reads problem details, or the <c>{"error": "..."}</c> of the Open Inference and OAuth protocols.</summary>
    private static (string? Type, string? Detail) Explain(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return (null, null);
            }
            if (json.RootElement.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String)
            {
                var says = json.RootElement.TryGetProperty("error_description", out var description) ? description.GetString() : null;
                return (says is null ? null : error.GetString(), says ?? error.GetString());
            }
            var problem = json.RootElement.Deserialize<ProblemView>(Web)!;
            var fields = problem.Errors?.SelectMany(e => e.Value.Select(v => e.Key.Length == 0 ? v : $"{e.Key}: {v}"));
            return (problem.Type, problem.Detail ?? (fields is null ? problem.Title : string.Join(" ", fields)));
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }
}
