using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xunit;

namespace ZooPlatform.Gateway.Tests;

/// <summary>Pages of other sites, of which the operator allows one.</summary>
public sealed class CrossOriginTests(CrossOriginTests.Gateway gateway) : IClassFixture<CrossOriginTests.Gateway>
{
    private const string Allowed = "https://notebooks.example";
    private readonly GatewayApp _app = gateway.App;

    public sealed class Gateway : IAsyncLifetime
    {
        internal GatewayApp App { get; } = new GatewayApp().With("Gateway:AllowedOrigins:0", Allowed);

        public Task InitializeAsync() => App.InitializeAsync();

        public Task DisposeAsync() => App.DisposeAsync();
    }

    [Theory]
    [InlineData("/api/models/acme/x/revision/main")]
    [InlineData("/acme/x/resolve/main/model.onnx")]
    [InlineData("/acme/x.git/info/lfs/objects/batch")]
    [InlineData("/xet/v1/shards")]
    [InlineData("/api/whoami-v2")]
    [InlineData("/api/v1/repositories/acme/x")]
    public async Task An_allowed_page_may_read_the_answer_and_ask_before(string path)
    {
        _app["artifact"].Answer = context =>
        {
            context.Response.Headers.Vary = "Accept";
            return Task.FromResult(false);
        };
        using var answer = await _app.GetAsync(path, ("Origin", Allowed), ("Authorization", "Bearer good-one"));
        Assert.Equal(Allowed, answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Expose-Headers").Single());
        Assert.Contains("Origin", answer.Headers.Vary);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));

        using var before = await _app.SendAsync(HttpMethod.Options, path, ("Origin", Allowed), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "authorization,range"));
        Assert.Equal(HttpStatusCode.NoContent, before.StatusCode);
        Assert.Equal("authorization,range", before.Headers.GetValues("Access-Control-Allow-Headers").Single());
        Assert.Equal(Allowed, before.Headers.GetValues("Access-Control-Allow-Origin").Single());

        using var refused = await _app.GetAsync(path, ("Origin", Allowed), ("Authorization", "Nonsense"));   // it may read refusals, too
        Assert.Equal(Allowed, refused.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Theory]
    [InlineData("https://elsewhere.example")]
    [InlineData("https://notebooks.example.evil.example")]
    [InlineData("http://notebooks.example")]
    [InlineData("https://NOTEBOOKS.example")]
    [InlineData("null")]
    public async Task Another_page_may_not(string origin)
    {
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Options })
        {
            using var answer = await _app.SendAsync(method, "/api/v1/repositories/acme/x", ("Origin", origin), ("Access-Control-Request-Method", "GET"));
            Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
            Assert.Contains("Origin", answer.Headers.Vary);   // a cache must not give one page the other's answer
        }
    }

    [Theory]
    [InlineData("/connect/authorize")]
    [InlineData("/account/sign-in")]
    [InlineData("/acme/x")]
    public async Task Sign_in_and_pages_are_for_nobody_elses_pages(string path)
    {
        using var answer = await _app.GetAsync(path, ("Origin", Allowed));
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("*")]
    [InlineData("null")]
    [InlineData("https://notebooks.example/")]
    [InlineData("http://notebooks.example")]
    public async Task What_is_no_origin_or_can_be_forged_on_the_way_stops_the_start(string origin)
    {
        var app = new GatewayApp().With("Gateway:AllowedOrigins:0", origin);
        var refusal = await Assert.ThrowsAnyAsync<OptionsValidationException>(app.InitializeAsync);
        Assert.Contains("AllowedOrigins", refusal.Message, StringComparison.Ordinal);
        await app.DisposeAsync();
    }
}
