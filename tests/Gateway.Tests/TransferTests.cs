using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ZooPlatform.Gateway.Tests;

public sealed class TransferTests : IAsyncLifetime
{
    private readonly GatewayApp _app = new();

    public Task InitializeAsync() => _app.InitializeAsync();

    public Task DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task An_answer_arrives_while_the_service_still_writes()
    {
        var seen = new TaskCompletionSource();
        _app["artifact"].Answer = async context =>
        {
            await context.Response.WriteAsync("first");
            await context.Response.Body.FlushAsync();
            await seen.Task.WaitAsync(TimeSpan.FromSeconds(10));   // ends only when the client has read the first part
            await context.Response.WriteAsync("last");
            return true;
        };
        using var answer = await _app.Client.GetAsync("/acme/x/resolve/main/y", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[5];
        await body.ReadExactlyAsync(buffer);
        Assert.Equal("first", Encoding.ASCII.GetString(buffer));
        seen.SetResult();
        Assert.Equal("last", await new StreamReader(body).ReadToEndAsync());
    }

    [Fact]
    public async Task A_body_arrives_while_the_client_still_sends()
    {
        var arrived = new TaskCompletionSource();
        _app["artifact"].Answer = async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[1 << 17]);
            arrived.SetResult();
            await context.Response.WriteAsync(await new StreamReader(context.Request.Body).ReadToEndAsync());
            return true;
        };
        using var content = new StreamedContent(async stream =>
        {
            await stream.WriteAsync(new byte[1 << 17]);
            await stream.FlushAsync();
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(10));   // sends on only when the service has the first part
            await stream.WriteAsync("last"u8.ToArray());
        });
        using var answer = await _app.Client.PutAsync("/api/v1/uploads/1", content);
        Assert.Equal("last", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_service_decides_how_large_an_upload_may_be()
    {
        _app["artifact"].Answer = async context =>
        {
            var bytes = 0L;
            var buffer = new byte[1 << 16];
            int read;
            while ((read = await context.Request.Body.ReadAsync(buffer)) > 0) bytes += read;
            await context.Response.WriteAsync(bytes.ToString(System.Globalization.CultureInfo.InvariantCulture));
            return true;
        };
        using var answer = await _app.Client.PutAsync("/api/v1/uploads/1", new ByteArrayContent(new byte[64 << 20]));   // over Kestrel's own 30 MB
        Assert.Equal("67108864", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(2147483648L)]
    [InlineData(1048577L)]
    public async Task A_body_that_is_announced_too_large_is_refused_before_it_is_sent(long announced)
    {
        var answer = await RawAsync($"POST /api/v1/organisations HTTP/1.1\r\nHost: x\r\nContent-Length: {announced}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        Assert.Contains("urn:zoo:body.too-large", answer, StringComparison.Ordinal);
        Assert.Empty(_app.Swaps);
    }

    [Fact]
    public async Task A_body_that_grows_too_large_is_refused()
    {
        _app["identity"].Answer = async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            return false;
        };
        using var content = new StreamedContent(stream => stream.WriteAsync(new byte[2 << 20]).AsTask());
        using var answer = await _app.SendBodyAsync("/connect/token", content);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task What_the_service_refuses_goes_on_as_it_is()
    {
        _app["artifact"].Answer = context =>
        {
            context.Response.StatusCode = 404;
            context.Response.Headers["X-Error-Code"] = "EntryNotFound";
            return Task.FromResult(true);
        };
        using var answer = await _app.GetAsync("/acme/x/resolve/main/y");
        Assert.Equal("EntryNotFound", answer.Headers.GetValues("X-Error-Code").Single());
        Assert.Equal("", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task There_are_no_WebSockets()
    {
        var answer = await RawAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 501", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clear_text_HTTP_2_works_on_the_same_port()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_app.Address, "/api/v1/models"))
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var answer = await _app.Client.SendAsync(request);
        Assert.Equal(HttpVersion.Version20, answer.Version);
        Assert.Equal("catalog", answer.Reached());
    }

    [Fact]
    public async Task Every_answer_carries_the_id_it_is_logged_under()
    {
        using var answer = await _app.GetAsync("/api/v1/models");
        Assert.NotEmpty(answer.Headers.GetValues("X-Request-Id").Single());
    }

    /// <summary>What the gateway answers to these bytes, up to the end of its first reads.</summary>
    private async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_app.Address.Host, _app.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var buffer = new byte[8192];
        var length = 0;
        var text = "";
        while (!(text.Contains("\r\n\r\n", StringComparison.Ordinal) && (text.EndsWith('}') || text.EndsWith("0\r\n\r\n", StringComparison.Ordinal))))
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), patience.Token);
            if (read == 0) break;
            length += read;
            text = Encoding.UTF8.GetString(buffer, 0, length);
        }
        return text;
    }

    private sealed class StreamedContent(Func<Stream, Task> writeAsync) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => writeAsync(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
