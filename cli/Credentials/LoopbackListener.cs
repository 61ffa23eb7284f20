using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ZooPlatform.Cli.Credentials;

/// <summary>Takes the one redirect of a sign-in on a free port of this machine.</summary>
internal sealed class LoopbackListener : IDisposable
{
    private const int MaxRequestLine = 8192;

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public LoopbackListener()
    {
        listener.Start();
        RedirectUri = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/callback";
    }

    public string RedirectUri { get; }

    /// <summary>The parameters of the first request that carries <paramref name="state"/>; any other gets 404.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ReceiveAsync(string state, CancellationToken ct)
    {
        while (true)
        {
            using var client = await listener.AcceptTcpClientAsync(ct);
            await using var stream = client.GetStream();
            var parameters = Parameters(await ReadRequestLineAsync(stream, ct));
            var mine = parameters.GetValueOrDefault("state") == state;
            await AnswerAsync(stream, mine, ct);
            if (mine)
            {
                return parameters;
            }
        }
    }

    public void Dispose() => listener.Dispose();

    private static async Task<string> ReadRequestLineAsync(NetworkStream stream, CancellationToken ct)
    {
        var buffer = new byte[MaxRequestLine];
        var length = 0;
        while (length < buffer.Length && buffer.AsSpan(0, length).IndexOf("\r\n"u8) < 0)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), ct);
            if (read == 0)
            {
                break;
            }
            length += read;
        }
        return Encoding.ASCII.GetString(buffer, 0, length).Split("\r\n")[0];
    }

    private static Dictionary<string, string> Parameters(string requestLine)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        var words = requestLine.Split(' ');
        if (words is not ["GET", var target, ..] || !target.StartsWith("/callback?", StringComparison.Ordinal))
        {
            return parameters;
        }
        foreach (var pair in target["/callback?".Length..].Split('&'))
        {
            var (name, value) = pair.Split('=', 2) is [var n, var v] ? (n, v) : (pair, "");
            parameters[Decode(name)] = Decode(value);
        }
        return parameters;
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static async Task AnswerAsync(NetworkStream stream, bool mine, CancellationToken ct)
    {
        var body = mine
            ? "<!doctype html><meta charset=utf-8><title>zoo</title><p>Done. You can close this page and go back to the terminal.</p>"
            : "";
        var status = mine ? "200 OK" : "404 Not Found";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(
            $"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n"
            + $"Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{body}"), ct);
    }
}
