using System.Net;
using System.Net.Sockets;

namespace ZooPlatform.LocalOrchestrator;

/// <summary>Loopback ports for one run. A child keeps its port when it is started again.</summary>
internal sealed class Ports
{
    // Below Linux's range for outgoing connections (32768-60999): a port from there could be taken by any connection
    // while its owner is being restarted.
    private const int First = 20_000;
    private const int End = 32_000;

    private readonly HashSet<int> _taken = [];

    /// <summary>A port that nobody listens on.</summary>
    public int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(First, End);
            if (!_taken.Contains(port) && IsFree(port))
            {
                _taken.Add(port);
                return port;
            }
        }
    }

    public static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
