using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.ServiceDefaults.Tests;

public sealed class AuthTests : IAsyncLifetime
{
    private OwnerService _service = null!;

    public async Task InitializeAsync() => _service = await OwnerService.StartAsync(await (await PostgresServer.Shared).CreateDatabaseAsync());
    public async Task DisposeAsync() => await _service.DisposeAsync();

    [Fact]
    public async Task Each_caller_sees_what_their_keys_open()
    {
        var (ada, acme) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await _service.WriteAsync(Guid.CreateVersion7(), "a-public", Readers.Public);
        await _service.WriteAsync(Guid.CreateVersion7(), "b-internal", Readers.Internal);
        await _service.WriteAsync(Guid.CreateVersion7(), "c-of-acme", Readers.Organisation(acme));
        var adas = Guid.CreateVersion7();
        await _service.WriteAsync(adas, "d-of-ada", Readers.User(ada));

        var membership = new Dictionary<Guid, Role> { [acme] = Role.Reader };
        Assert.Equal(["a-public"], await NamesAsync(TestTokens.Anonymous()));
        Assert.Equal(["a-public", "b-internal"], await NamesAsync(TestTokens.User(Guid.CreateVersion7(), "bob")));
        Assert.Equal(["a-public", "c-of-acme"], await NamesAsync(TestTokens.User(Guid.CreateVersion7(), "guest", membership, guest: true)));
        Assert.Equal(["a-public", "b-internal", "c-of-acme", "d-of-ada"], await NamesAsync(TestTokens.User(ada, "ada", membership)));
        Assert.Equal(["d-of-ada"], await NamesAsync(TestTokens.User(ada, "ada", membership, only: [adas])));
        Assert.Equal(["a-public"], await NamesAsync(TestTokens.User(Guid.CreateVersion7(), "root", administrator: true, guest: true)));
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("nonsense", 401)]
    [InlineData("tampered", 401)]
    [InlineData("unsigned", 401)]
    [InlineData("read-only", 403)]
    [InlineData("anonymous", 401)]
    [InlineData("service", 403)]
    [InlineData("writer", 200)]
    public async Task Only_a_good_token_with_the_scope_may_write(string? kind, int expected)
    {
        var good = TestTokens.User(Guid.CreateVersion7(), "ada");
        var parts = good.Split('.');
        var token = kind switch
        {
            "nonsense" => "hf_zoop_nonsense",
            "tampered" => $"{parts[0]}.{parts[1][..^4]}AAAA.{parts[2]}",
            "unsigned" => $"{Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"typ":"at+jwt","alg":"none"}""")).TrimEnd('=')}.{parts[1]}.",
            "read-only" => TestTokens.User(Guid.CreateVersion7(), "ada", scopes: [Scopes.Read]),
            "anonymous" => TestTokens.Anonymous(),
            "service" => TestTokens.Service("search", Scopes.ArtifactReadAll),
            "writer" => good,
            _ => null,
        };
        using var answer = await _service.As(token).PostAsJsonAsync("/things", new { name = "x" });
        Assert.Equal(expected, (int)answer.StatusCode);
        if (expected >= 400) Assert.StartsWith("urn:zoo:", (await answer.Content.ReadFromJsonAsync<ProblemView>(ZooJson.Options))!.Type);
    }

    [Fact]
    public async Task A_body_with_an_unknown_field_is_refused_by_name()
    {
        using var answer = await _service.As(TestTokens.User(Guid.CreateVersion7(), "ada")).PostAsJsonAsync("/things", new { name = "x", colour = "red" });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("colour", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_bug_answers_500_without_its_text()
    {
        using var answer = await _service.As(null).GetAsync("/break");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public void A_route_without_a_policy_stops_the_start()
    {
        var builder = OwnerService.NewBuilder();
        builder.AddServiceDefaults();
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapGet("/bare", () => "hello");
        Assert.Contains("/bare", Assert.Throws<InvalidOperationException>(() => Policies.RequireEverywhere(app)).Message);
    }

    private async Task<List<string>> NamesAsync(string token) => (await _service.As(token).GetFromJsonAsync<List<string>>("/things"))!;
}
