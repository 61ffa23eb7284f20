using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ZooPlatform.Tests.Support;

/// <summary>A collector that takes OTLP over HTTP and keeps what came: spans by what tests ask for, metrics and logs as bytes.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<OtlpSpan> _spans = new();
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _bodies = new();

    private OtlpCollector(WebApplication app) => _app = app;

    /// <summary>For <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string Address => _app.Urls.Single();

    public IReadOnlyList<OtlpSpan> Spans => [.. _spans];

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        collector._app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            collector._bodies.Enqueue((context.Request.Path, body.ToArray()));
            if (context.Request.Path == "/v1/traces")
                foreach (var span in OtlpSpan.In(body.ToArray())) collector._spans.Enqueue(span);
            context.Response.ContentType = "application/x-protobuf";
        });
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>Did these words come to <c>/v1/metrics</c>, <c>/v1/logs</c> or <c>/v1/traces</c>?</summary>
    public bool Received(string path, string words)
    {
        var bytes = Encoding.UTF8.GetBytes(words);
        return _bodies.Any(body => body.Path == path && body.Body.AsSpan().IndexOf(bytes) >= 0);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

/// <param name="Service">Its resource's <c>service.name</c>.</param>
/// <param name="Source">The activity source: <c>Npgsql</c>.</param>
/// <param name="ParentId">Empty: it began the trace.</param>
/// <param name="Links">Trace ids that it links to.</param>
public sealed record OtlpSpan(string Service, string Source, string TraceId, string SpanId, string ParentId, string Name, IReadOnlyList<string> Links)
{
    /// <remarks>ExportTraceServiceRequest: resource_spans 1 { resource 1 { attributes 1 }, scope_spans 2 { scope 1 { name 1 }, spans 2 } };
    /// a span's trace_id 1, span_id 2, parent_span_id 4, name 5, links 13 { trace_id 1 }.</remarks>
    internal static IEnumerable<OtlpSpan> In(byte[] request) =>
        from resourceSpans in Fields(request, 1)
        let service = (from attribute in Fields(First(resourceSpans, 1), 1)
                       where Text(First(attribute, 1)) == "service.name"
                       select Text(First(First(attribute, 2), 1))).FirstOrDefault() ?? ""
        from scopeSpans in Fields(resourceSpans, 2)
        let source = Text(First(First(scopeSpans, 1), 1))
        from span in Fields(scopeSpans, 2)
        select new OtlpSpan(service, source, Hex(First(span, 1)), Hex(First(span, 2)), Hex(First(span, 4)), Text(First(span, 5)),
            [.. Fields(span, 13).Select(link => Hex(First(link, 1)))]);

    private static byte[] First(byte[] message, int number) => Fields(message, number).FirstOrDefault() ?? [];

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    /// <summary>The length-delimited fields of this number in a protobuf message.</summary>
    private static List<byte[]> Fields(byte[] message, int number)
    {
        var found = new List<byte[]>();
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            switch (tag & 7)
            {
                case 0: Varint(message, ref at); break;
                case 1: at += 8; break;
                case 5: at += 4; break;
                default:
                    var length = (int)Varint(message, ref at);
                    if ((int)(tag >> 3) == number) found.Add(message[at..(at + length)]);
                    at += length;
                    break;
            }
        }
        return found;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if ((next & 0x80) == 0) return value;
        }
    }
}
