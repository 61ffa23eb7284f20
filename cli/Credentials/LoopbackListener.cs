using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ZooPlatform.Cli.Credentials;

/// <summary>Takes the one redirect of a sign-in on a free port of this machine. Browsers open connections ahead of need, so several are served at once.</summary>
internal sealed class LoopbackListener : IDisposable
{
    private const string Done =
        "<!doctype html><meta charset=utf-8><title>zoo</title><p>Done. You can close this page and go back to the terminal.</p>";

    private readonly HttpListener listener = new();

    public LoopbackListener()
    {
        var origin = $"http://127.0.0.1:{FreePort()}/";
        listener.Prefixes.Add(origin);
        listener.Start();
        RedirectUri = $"{origin}callback";
    }

    public string RedirectUri { get; }

    /// <summary>The parameters of the first request that carries <paramref name="state"/>; any other gets 404.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ReceiveAsync(string state, CancellationToken ct)
    {
        while (true)
        {
            var context = await listener.GetContextAsync().WaitAsync(ct);
            var query = context.Request.QueryString;
            var mine = context.Request is { HttpMethod: "GET", Url.AbsolutePath: "/callback" } && query["state"] == state;
            await AnswerAsync(context.Response, mine, ct);
            if (mine)
            {
                return query.AllKeys.OfType<string>().ToDictionary(name => name, name => query[name] ?? "", StringComparer.Ordinal);
            }
        }
    }

    public void Dispose() => listener.Close();

    private static async Task AnswerAsync(HttpListenerResponse response, bool mine, CancellationToken ct)
    {
        response.StatusCode = mine ? 200 : 404;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.KeepAlive = false;
        await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(mine ? Done : ""), ct);
        response.Close();
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
