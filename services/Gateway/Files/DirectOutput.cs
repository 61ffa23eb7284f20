using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ZooPlatform.Gateway.Files;

/// <summary>Gives clear-text HTTP/1.1 connections an output that can send files. Over TLS and HTTP/2 the bytes must pass through this
/// process anyway.</summary>
internal static class DirectOutput
{
    /// <summary>For a connection that speaks HTTP/1.1 in the clear; before Kestrel has written anything to it.</summary>
    public static void Use(ConnectionContext connection)
    {
        if (!OperatingSystem.IsLinux() || connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket) return;
        var writer = new SocketWriter(connection, socket);
        connection.Features.Set(writer);
        connection.Transport = new Duplex(connection.Transport.Input, writer);
    }

    /// <summary>The request's output when it can send files; null: it cannot.</summary>
    public static SocketWriter? Of(HttpContext context) =>
        HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<Microsoft.AspNetCore.Http.Features.ITlsConnectionFeature>() is null
            ? context.Features.Get<SocketWriter>() : null;

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
