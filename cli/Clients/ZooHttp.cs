using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZooPlatform.Cli.Credentials;
using ZooPlatform.Contracts;

namespace ZooPlatform.Cli.Clients;

/// <summary>HTTP to one zoo: the credential, JSON as the contracts have it, refusals as exceptions, retries.</summary>
internal sealed class ZooHttp : IDisposable
{
    // A client reads what newer servers add; servers refuse what they do not know.
    private static readonly JsonSerializerOptions Tolerant = new(ZooJson.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    };

    private readonly HttpClient http;
    private readonly Connection connection;

    public ZooHttp(Connection connection, TimeProvider time)
    {
        this.connection = connection;
        // The token goes with requests to the zoo only: redirects are followed by a handler that drops the header.
        var transport = new FollowRedirects(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        var sender = new RetryOutages(transport, time);
        http = new HttpClient(connection.Refreshed?.Invoke(sender) ?? sender)
        {
            BaseAddress = connection.Url,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("zoo", "1"));
        if (connection is { Token: not null, Refreshed: null })
        {
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", connection.Token);
        }
    }

    public async Task<T> GetAsync<T>(string path, CancellationToken ct)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), ct);
        return await ReadAsync<T>(answer, ct);
    }

    /// <summary>Null when the zoo says that there is no such thing (or none that the caller may see).</summary>
    public async Task<T?> FindAsync<T>(string path, CancellationToken ct) where T : class
    {
        try
        {
            return await GetAsync<T>(path, ct);
        }
        catch (ApiRefusal refusal) when (refusal.Status == 404)
        {
            return null;
        }
    }

    /// <summary>All items of a list, page by page.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string path, CancellationToken ct, int atMost = int.MaxValue)
    {
        var items = new List<T>();
        for (string? after = null; ;)
        {
            var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
            var page = await GetAsync<Page<T>>(after is null ? path : $"{path}{separator}after={Uri.EscapeDataString(after)}", ct);
            items.AddRange(page.Items);
            if (page.Next is null || items.Count >= atMost)
            {
                return items.Count > atMost ? items[..atMost] : items;
            }
            after = page.Next;
        }
    }

    public async Task<T> SendJsonAsync<TBody, T>(HttpMethod method, string path, TBody body, CancellationToken ct)
    {
        using var answer = await SendAsync(new HttpRequestMessage(method, path) { Content = JsonContent.Create(body, options: ZooJson.Options) }, ct);
        return await ReadAsync<T>(answer, ct);
    }

    public async Task DeleteAsync(string path, CancellationToken ct)
    {
        using var answer = await SendAsync(new HttpRequestMessage(HttpMethod.Delete, path), ct);
    }

    /// <summary>The answer, its content not yet read; it succeeded.</summary>
    /// <exception cref="ApiRefusal">The zoo answered, and refused.</exception>
    /// <exception cref="Refusal">No answer came.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
    {
        HttpResponseMessage answer;
        try
        {
            answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        }
        catch (HttpRequestException e)
        {
            throw new ZooUnreachable(connection.Url, e);
        }
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }
        using (answer)
        {
            throw await ApiRefusal.ReadAsync(answer, connection, ct);
        }
    }

    public static async Task<T> ReadAsync<T>(HttpResponseMessage answer, CancellationToken ct)
    {
        try
        {
            return await answer.Content.ReadFromJsonAsync<T>(Tolerant, ct)
                ?? throw new JsonException("the answer is null");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            var address = answer.RequestMessage?.RequestUri;
            throw new Refusal(
                $"{address} did not answer as a zoo does: {e.Message}", "check that --url is the address of a zoo of this version", e);
        }
    }

    public void Dispose() => http.Dispose();

    /// <summary><c>owner/name</c>, each segment escaped.</summary>
    public static string Escape(RepositoryName repository) =>
        $"{Uri.EscapeDataString(repository.Owner)}/{Uri.EscapeDataString(repository.Name)}";

    /// <summary>A path in a repository: each segment escaped, the slashes kept.</summary>
    public static string EscapePath(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    /// <summary><c>?a=1&amp;b=2</c> of the parameters that are given.</summary>
    public static string Query(params (string Name, string? Value)[] parameters)
    {
        var given = parameters.Where(p => p.Value is not null).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}").ToList();
        return given.Count == 0 ? "" : "?" + string.Join('&', given);
    }
}

/// <summary>No answer came: nothing listens there, or the connection was lost.</summary>
internal sealed class ZooUnreachable(Uri url, Exception cause) : Refusal(
    $"no zoo answers at {url.GetLeftPart(UriPartial.Authority)}: {cause.Message}",
    "./zoo status, ./zoo up, or --url with the zoo's address", cause);
