using System.Net;
using Xunit;

namespace ZooPlatform.Gateway.Tests;

/// <summary>With a gateway of its own for each test: what is broken stays so.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private readonly GatewayApp _app = new();

    public Task InitializeAsync() => _app.InitializeAsync();

    public Task DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Identity_broken_is_503_and_never_401()
    {
        _app.IdentityIsBroken = true;
        using var answer = await _app.GetAsync("/api/v1/models", ("Authorization", "Bearer good"));
        await answer.ShouldBeAsync(HttpStatusCode.ServiceUnavailable, "application/problem+json", "urn:zoo:identity.unreachable");
        _app.IdentityIsBroken = false;
        using var again = await _app.GetAsync("/api/v1/models", ("Authorization", "Bearer good"));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);   // the outage is not kept
    }

    [Fact]
    public async Task Identity_gone_is_503_and_never_401()
    {
        await _app["identity"].DisposeAsync();
        using var api = await _app.GetAsync("/api/v1/models", ("Authorization", "Bearer good"));
        await api.ShouldBeAsync(HttpStatusCode.ServiceUnavailable, "application/problem+json", "urn:zoo:identity.unreachable");
        using var inference = await _app.GetAsync("/v2/models/acme/x");
        await inference.ShouldBeAsync(HttpStatusCode.ServiceUnavailable, "application/json", "{\"error\":");
    }

    [Fact]
    public async Task A_service_gone_is_503_in_the_shape_of_the_protocol()
    {
        await _app["artifact"].DisposeAsync();
        using var hub = await _app.GetAsync("/acme/x/resolve/main/y");
        Assert.True(hub.Headers.RetryAfter is not null);
        await hub.ShouldBeAsync(HttpStatusCode.ServiceUnavailable, "application/json", "artifact");
        using var api = await _app.GetAsync("/api/v1/repositories/acme/x");
        await api.ShouldBeAsync(HttpStatusCode.ServiceUnavailable, "application/problem+json", "urn:zoo:service.unreachable");
    }
}
