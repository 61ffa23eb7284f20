using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ZooPlatform.Artifact.Tests.Support;

internal enum Trouble
{
    None,

    /// <summary>Connections are taken, and nothing is ever said.</summary>
    Silent,

    /// <summary>503 SlowDown.</summary>
    Busy,

    /// <summary>After so many bytes of a request or an answer nothing comes any more.</summary>
    Stalled,

    /// <summary>After so many bytes the connection is cut.</summary>
    Cut,
}

/// <summary>Stands before an object store and lets it misbehave.</summary>
internal sealed class TroubledStore : IAsyncDisposable
{
    private static readonly byte[] s_busy = Encoding.ASCII.GetBytes("HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nContent-Length: 59\r\nConnection: close\r\n\r\n<Error><Code>SlowDown</Code><Message>no</Message></Error>\r\n");
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Uri _store;
    private int _left;

    public TroubledStore(string store)
    {
        _store = new Uri(store);
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>What it does just now, to connections that are open too.</summary>
    public Trouble Trouble { get; private set; }

    /// <summary>Of one connection in one direction.</summary>
    public int AfterBytes { get; private set; }

    /// <summary>What each request costs on the way.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>The heads of all requests.</summary>
    public ConcurrentQueue<string> Heads { get; } = [];

    /// <param name="times">How many connections meet it.</param>
    public void Be(Trouble trouble, int afterBytes = 0, int times = int.MaxValue)
    {
        (AfterBytes, _left) = (afterBytes, times);
        Trouble = trouble;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            var client = await _listener.AcceptSocketAsync(_end.Token);
            client.NoDelay = true;
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var store = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using (client)
        {
            try
            {
                await store.ConnectAsync(_store.Host, _store.Port, _end.Token);
                await Task.WhenAny(PumpAsync(client, store, isRequest: true), PumpAsync(store, client, isRequest: false));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // one of the two has gone
            }
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isRequest)
    {
        var buffer = new byte[64 * 1024];
        for (var bytes = 0L; await from.ReceiveAsync(buffer, _end.Token) is > 0 and var count; bytes += count)
        {
            if (isRequest && Encoding.Latin1.GetString(buffer, 0, count) is var head && head.Contains(" HTTP/1.1\r\n", StringComparison.Ordinal))
            {
                bytes = 0;
                Heads.Enqueue(head.Split("\r\n\r\n")[0]);
                if (Delay > TimeSpan.Zero) await Task.Delay(Delay, _end.Token);
            }
            else if (!isRequest && Encoding.Latin1.GetString(buffer, 0, Math.Min(count, 9)) == "HTTP/1.1 ")
            {
                bytes = 0;
            }
            var trouble = Trouble;
            if (trouble is Trouble.Silent || (trouble is not Trouble.None && bytes + count > AfterBytes && Interlocked.Decrement(ref _left) >= 0))
            {
                if (trouble is Trouble.Busy) await (isRequest ? from : to).SendAsync(s_busy, _end.Token);
                if (trouble is Trouble.Silent or Trouble.Stalled) await Task.Delay(TimeSpan.FromMinutes(5), _end.Token);
                if (trouble is Trouble.Stalled or Trouble.Cut) from.LingerState = to.LingerState = new LingerOption(true, 0);   // RST
                return;
            }
            await to.SendAsync(buffer.AsMemory(0, count), _end.Token);
        }
    }
}
