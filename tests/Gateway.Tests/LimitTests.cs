using System.Net;
using Xunit;

namespace ZooPlatform.Gateway.Tests;

public sealed class LimitTests : IAsyncLifetime
{
    private readonly GatewayApp _app = new GatewayApp()
        .With("Gateway:RequestsPerSecondOfCaller", "3").With("Gateway:RequestsPerSecondOfAddress", "40").With("Gateway:BurstSeconds", "1");

    public Task InitializeAsync() => _app.InitializeAsync();

    public Task DisposeAsync() => _app.DisposeAsync();

    [Theory]
    [InlineData("/api/v1/models", "application/problem+json", "urn:zoo:too-many-requests")]
    [InlineData("/api/models/acme/x", "application/json", "{\"error\":\"Too many requests")]
    [InlineData("/v2/models/acme/x/infer", "application/json", "{\"error\":\"Too many requests")]
    [InlineData("/v2/acme/x/manifests/latest", "application/json", "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\"")]
    [InlineData("/acme/x.git/info/lfs/objects/batch", "application/vnd.git-lfs+json", "{\"message\":\"Too many requests")]
    [InlineData("/acme/x", "text/html; charset=utf-8", "<h1>Too Many Requests</h1>")]
    public async Task A_caller_who_asks_too_often_is_told_to_wait_in_the_shape_of_the_protocol(string path, string contentType, string contains)
    {
        using var refused = await FirstRefusedAsync(() => _app.GetAsync(path, ("Authorization", "Bearer good")));
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Null(refused.Reached());
        await refused.ShouldBeAsync(HttpStatusCode.TooManyRequests, contentType, contains);
        using var another = await _app.GetAsync(path, ("Authorization", "Bearer good-other"));
        Assert.Equal(HttpStatusCode.OK, another.StatusCode);
    }

    [Fact]
    public async Task A_session_is_a_caller_too()
    {
        using var refused = await FirstRefusedAsync(() => _app.GetAsync("/api/v1/models", ("Cookie", $"{GatewayApp.SessionCookie}=good")));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
    }

    [Fact]
    public async Task An_address_is_limited_whatever_it_says_of_itself_and_waiting_helps()
    {
        var number = 0;
        using var refused = await FirstRefusedAsync(() => _app.GetAsync("/api/v1/models", ("X-Forwarded-For", $"6.6.6.{++number}")));
        Assert.InRange(number, 40, 400);
        await Task.Delay(refused.Headers.RetryAfter!.Delta!.Value);
        using var later = await _app.GetAsync("/api/v1/models");
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
    }

    private static async Task<HttpResponseMessage> FirstRefusedAsync(Func<Task<HttpResponseMessage>> ask)
    {
        for (var i = 0; i < 1000; i++)
        {
            var answer = await ask();
            if (answer.StatusCode == HttpStatusCode.TooManyRequests) return answer;
            answer.Dispose();
        }
        throw new Xunit.Sdk.XunitException("A thousand requests were let through.");
    }
}
