using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace ZooPlatform.Gateway.Tests;

/// <summary>Artifact names a file of its store instead of sending it, and the gateway sends it from there.</summary>
public sealed class HandedFileTests : IAsyncLifetime
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("zoo-test-gateway-");
    private readonly GatewayApp _app = new();
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(9_000_000);   // more than a socket takes at once
    private string? _sawStore;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(_data.FullName, "artifact", "blobs"));
        await File.WriteAllTextAsync(Path.Combine(_data.FullName, "artifact", "store-id"), "the-store");
        await File.WriteAllBytesAsync(Path.Combine(_data.FullName, "artifact", "blobs", "b"), _content);
        await File.WriteAllTextAsync(Path.Combine(_data.FullName, "secret"), "secret");
        await _app.With("Platform:DataFolder", _data.FullName).InitializeAsync();
        _app["artifact"].Answer = context =>
        {
            _sawStore = context.Request.Headers["X-Zoo-Store"];
            context.Response.StatusCode = context.Request.Query.ContainsKey("part") ? 206 : 200;
            context.Response.Headers.ETag = "\"e\"";
            context.Response.Headers["X-Zoo-File"] = Uri.UnescapeDataString(context.Request.QueryString.Value!.TrimStart('?').Replace("part&", "", StringComparison.Ordinal));
            context.Response.ContentLength = 0;
            return Task.FromResult(true);
        };
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_file_comes_whole_and_in_parts_over_one_connection(int version)
    {
        for (var i = 0; i < 3; i++)
        {
            using var whole = await GetAsync($"blobs/b;0;{_content.Length}", version);
            Assert.Equal(_content.Length, whole.Content.Headers.ContentLength);
            Assert.Equal("\"e\"", whole.Headers.ETag?.Tag);
            Assert.False(whole.Headers.Contains("X-Zoo-File"));
            Assert.Equal(_content, await whole.Content.ReadAsByteArrayAsync());
            using var part = await GetAsync("part&blobs/b;4000000;17", version);
            Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
            Assert.Equal(_content[4_000_000..4_000_017], await part.Content.ReadAsByteArrayAsync());
            using var nothing = await GetAsync("blobs/b;0;0", version);
            Assert.Empty(await nothing.Content.ReadAsByteArrayAsync());
            using var other = await _app.GetAsync("/api/v1/models");
            Assert.Equal("catalog", other.Reached());
        }
        Assert.Equal("the-store", _sawStore);
    }

    [Fact]
    public async Task Requests_that_are_sent_ahead_are_answered_in_order_and_the_connection_stays()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_app.Address.Host, _app.Address.Port);
        await using var stream = client.GetStream();
        var ask = "GET /acme/x/resolve/main/y?blobs/b;{0};{1} HTTP/1.1\r\nHost: x\r\n\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Format(null, ask, 0, 3_000_000) + string.Format(null, ask, 5, 7) + "GET /api/v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        using var all = new MemoryStream();
        await stream.CopyToAsync(all).WaitAsync(TimeSpan.FromSeconds(20));
        var bytes = all.ToArray();
        var first = Body(bytes, 0);
        Assert.Equal(_content[..3_000_000], bytes[first..(first + 3_000_000)]);
        var second = Body(bytes, first + 3_000_000);
        Assert.Equal(_content[5..12], bytes[second..(second + 7)]);
        Assert.Contains("Reached: catalog", Encoding.ASCII.GetString(bytes[(second + 7)..]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_disturbs_nobody()
    {
        for (var i = 0; i < 20; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync(_app.Address.Host, _app.Address.Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /acme/x/resolve/main/y?blobs/b;0;{_content.Length} HTTP/1.1\r\nHost: x\r\n\r\n"));
            await stream.ReadExactlyAsync(new byte[1000]);
        }
        using var whole = await GetAsync($"blobs/b;0;{_content.Length}", 1);
        Assert.Equal(_content, await whole.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task A_client_that_pauses_gets_all_of_it()
    {
        using var client = new TcpClient { ReceiveBufferSize = 64 * 1024 };
        await client.ConnectAsync(_app.Address.Host, _app.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /acme/x/resolve/main/y?blobs/b;0;{_content.Length} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        var pauses = 0;
        for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
        {
            all.Write(buffer, 0, read);
            if (all.Length > 2_000_000L * (pauses + 1) && ++pauses < 4) await Task.Delay(150);   // longer than a thread waits for it
        }
        var bytes = all.ToArray();
        Assert.Equal(_content, bytes[Body(bytes, 0)..]);
    }

    [Theory]
    [InlineData("../secret;0;6")]
    [InlineData("/etc/passwd;0;6")]
    [InlineData("blobs/gone;0;6")]
    [InlineData("blobs/b;-1;6")]
    [InlineData("nonsense")]
    public async Task What_is_no_file_of_the_store_is_refused(string named)
    {
        using var answer = await GetAsync(named, 1);
        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_shorter_than_promised_breaks_off()
    {
        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using var answer = await GetAsync($"blobs/b;0;{_content.Length + 1}", 1);
            await answer.Content.ReadAsByteArrayAsync();
        });
    }

    [Fact]
    public async Task A_client_cannot_name_the_store_and_no_other_service_can_hand_files_over()
    {
        using var forged = await _app.GetAsync("/api/v1/models", ("X-Zoo-Store", "the-store"));
        Assert.Null(forged.Saw("X-Zoo-Store"));
        _app["catalog"].Answer = context =>
        {
            context.Response.Headers["X-Zoo-File"] = "blobs/b;0;5";
            return Task.FromResult(false);
        };
        using var answer = await _app.GetAsync("/api/v1/models");
        Assert.False(answer.Headers.Contains("X-Zoo-File"));
        Assert.Equal("catalog", await answer.Content.ReadAsStringAsync());
    }

    private static int Body(byte[] bytes, int from) => from + bytes.AsSpan(from).IndexOf("\r\n\r\n"u8) + 4;

    private Task<HttpResponseMessage> GetAsync(string query, int version) => _app.Client.SendAsync(
        new HttpRequestMessage(HttpMethod.Get, new Uri(_app.Address, $"/acme/x/resolve/main/y?{query}"))
        {
            Version = new Version(version, version == 1 ? 1 : 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        });
}
