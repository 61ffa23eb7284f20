using System.Net;
using System.Net.Sockets;

namespace ZooPlatform.Tests.Support;

/// <summary>A port of this machine's loopback that nobody listens at. Somebody may, a moment later; servers that are told their port have no better way.</summary>
public static class FreePort
{
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
