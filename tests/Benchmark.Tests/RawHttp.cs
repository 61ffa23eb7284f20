using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ZooPlatform.Benchmark.Tests;

/// <summary>An answer as it came over the wire.</summary>
/// <param name="Interim">1xx answers before it.</param>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body, IReadOnlyList<int> Interim)
{
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>One request over a connection of its own, header by header as given: what no client library would let through.</summary>
internal static class RawHttp
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static async Task<RawAnswer> SendAsync(Uri service, string line, IReadOnlyList<(string Name, string Value)> headers, byte[] body)
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var connection = await ConnectAsync(service, line, headers, patience.Token);
        var stream = connection.GetStream();
        var isChunked = Has("Transfer-Encoding", "chunked");
        var interim = new List<int>();
        if (Has("Expect", "100-continue"))
        {
            var (status, first) = await HeadAsync(stream, patience.Token);
            if (status != 100)
            {
                return new RawAnswer(status, first, await BodyAsync(stream, line, status, first, patience.Token), interim);
            }

            interim.Add(status);
        }

        if (isChunked && body.Length > 0)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{body.Length:x}\r\n"), patience.Token);
        }

        await stream.WriteAsync(body, patience.Token);
        if (isChunked)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(body.Length > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n"), patience.Token);
        }

        var (code, found) = await HeadAsync(stream, patience.Token);
        return new RawAnswer(code, found, await BodyAsync(stream, line, code, found, patience.Token), interim);

        bool Has(string name, string value) => headers.Any(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && header.Value.Equals(value, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>A connection on which the head of a request was sent.</summary>
    public static async Task<TcpClient> ConnectAsync(Uri service, string line, IReadOnlyList<(string Name, string Value)> headers, CancellationToken ct)
    {
        var connection = new TcpClient { NoDelay = true };
        await connection.ConnectAsync(service.Host, service.Port, ct);
        var head = new StringBuilder(line).Append("\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        await connection.GetStream().WriteAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), ct);
        return connection;
    }

    private static async Task<(int Status, Dictionary<string, string> Headers)> HeadAsync(NetworkStream stream, CancellationToken ct)
    {
        var lines = new List<string>();
        while (await LineAsync(stream, ct) is { Length: > 0 } next)
        {
            lines.Add(next);
        }

        Assert.True(lines.Count > 0, "The connection was closed without an answer.");
        var headers = lines.Skip(1).Select(text => text.Split(':', 2)).GroupBy(pair => pair[0].Trim(), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => string.Join(", ", group.Select(pair => pair[1].Trim())), StringComparer.OrdinalIgnoreCase);
        return (int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers);
    }

    private static async Task<byte[]> BodyAsync(NetworkStream stream, string line, int status, Dictionary<string, string> headers, CancellationToken ct)
    {
        using var body = new MemoryStream();
        if (line.StartsWith("HEAD ", StringComparison.Ordinal) || status is 204 or 304)
        {
            return [];
        }

        if (headers.TryGetValue("Transfer-Encoding", out var coding) && coding == "chunked")
        {
            while (int.Parse(await LineAsync(stream, ct), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var bytes)
            {
                await CopyAsync(bytes);
                await LineAsync(stream, ct);
            }
        }
        else if (headers.TryGetValue("Content-Length", out var length))
        {
            await CopyAsync(int.Parse(length, CultureInfo.InvariantCulture));
        }
        else
        {
            await stream.CopyToAsync(body, ct);
        }

        return body.ToArray();

        async Task CopyAsync(int bytes)
        {
            var piece = new byte[bytes];
            await stream.ReadExactlyAsync(piece, ct);
            body.Write(piece);
        }
    }

    private static async Task<string> LineAsync(NetworkStream stream, CancellationToken ct)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, ct) == 1 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }

        return line.ToString().TrimEnd('\r');
    }
}
