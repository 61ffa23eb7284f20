using System.Buffers;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ZooPlatform.Gateway.Files;

namespace ZooPlatform.Gateway;

/// <summary>HTTP/1.1 and HTTP/2 on one clear-text port. Kestrel picks by TLS's negotiation, of which there is none here; so we look
/// whether the client's first bytes are HTTP/2's preface (RFC 9113, section 3.3).</summary>
internal static class ClearTextHttp2
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    public static void Use(ListenOptions listen)
    {
        listen.KestrelServerOptions.AllowAlternateSchemes = true;   // such a connection says http where Kestrel expects https
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.Use(next => async connection =>
        {
            if (await SpeaksHttp2Async(connection))
            {
                var negotiated = new Negotiated();
                connection.Features.Set<ITlsConnectionFeature>(negotiated);
                connection.Features.Set<ITlsApplicationProtocolFeature>(negotiated);
            }
            else
            {
                DirectOutput.Use(connection);
            }
            await next(connection);
        });
    }

    private static async Task<bool> SpeaksHttp2Async(ConnectionContext connection)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        patience.CancelAfter(s_patience);
        var preface = "PRI * HTTP/2.0"u8.ToArray();
        var input = connection.Transport.Input;
        while (true)
        {
            var read = await input.ReadAsync(patience.Token);
            var seen = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, preface.Length)).ToArray();
            var matches = preface.AsSpan().StartsWith(seen);
            if (seen.Length == preface.Length || !matches || read.IsCompleted)
            {
                input.AdvanceTo(read.Buffer.Start);
                return matches && seen.Length == preface.Length;
            }
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>What Kestrel would have of TLS: that the client negotiated HTTP/2. There is no certificate.</summary>
    private sealed class Negotiated : ITlsConnectionFeature, ITlsApplicationProtocolFeature
    {
        public ReadOnlyMemory<byte> ApplicationProtocol { get; } = "h2"u8.ToArray();
        public X509Certificate2? ClientCertificate { get; set; }

        public Task<X509Certificate2?> GetClientCertificateAsync(CancellationToken cancellationToken) => Task.FromResult<X509Certificate2?>(null);
    }
}
