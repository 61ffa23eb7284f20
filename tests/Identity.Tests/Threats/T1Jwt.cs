using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Keys;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.Tests;

/// <summary>T1: forged internal tokens. They are made from a real one with the real key wherever that makes the forgery harder to see.</summary>
[Collection(ThreatsToTokens.Name)]
public sealed class T1Jwt(IdentityApp app)
{
    private ECDsa Key => (ECDsa)Active.Key;
    private KeyPair Active => app.Services.GetRequiredService<KeyRing>().Active(SigningKey.Internal);

    private async Task<(JsonObject Header, JsonObject Payload)> RealAsync()
    {
        using var swap = await app.SwapAsync("bearer", app.AdminToken);
        var parts = (await swap.ReadAsync<SwapAnswer>()).Token.Split('.');
        return (Decode(parts[0]), Decode(parts[1]));
    }

    private static JsonObject Decode(string part) => JsonNode.Parse(WebEncoders.Base64UrlDecode(part))!.AsObject();

    private static string Encode(JsonNode json) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(json.ToJsonString()));

    private static string Sign(JsonObject header, JsonNode payload, Func<byte[], byte[]> sign)
    {
        var text = $"{Encode(header)}.{Encode(payload)}";
        return $"{text}.{WebEncoders.Base64UrlEncode(sign(Encoding.ASCII.GetBytes(text)))}";
    }

    private byte[] Ours(byte[] text) => Key.SignData(text, HashAlgorithmName.SHA256);

    private async Task<HttpStatusCode> TryAsync(string token)
    {
        using var answer = await app.SendAsync(HttpMethod.Get, "/api/v1/users/me", token);
        return answer.StatusCode;
    }

    [Fact]
    public async Task T1_The_real_one_signed_anew_is_accepted_so_the_forgeries_differ_in_what_they_say()
    {
        var (header, payload) = await RealAsync();
        Assert.Equal(HttpStatusCode.OK, await TryAsync(Sign(header, payload, Ours)));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("nOnE")]
    [InlineData("HS256")]
    [InlineData("RS256")]
    [InlineData("ES384")]
    public async Task T1_Another_algorithm_is_refused(string algorithm)
    {
        var (header, payload) = await RealAsync();
        header["alg"] = algorithm;
        // HS256 keyed with the public key, as anybody can read it.
        var pem = Encoding.ASCII.GetBytes(Key.ExportSubjectPublicKeyInfoPem());
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(Sign(header, payload, text => algorithm switch
        {
            "HS256" => HMACSHA256.HashData(pem, text),
            "ES384" => Ours(text),
            _ => [],
        })));
    }

    [Theory]
    [InlineData("../../dev/null")]
    [InlineData("' or '1'='1")]
    [InlineData("")]
    [InlineData(null)]
    public async Task T1_A_key_we_do_not_publish_is_refused(string? keyId)
    {
        var (header, payload) = await RealAsync();
        header["kid"] = keyId;
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(Sign(header, payload, Ours)));
    }

    [Theory]
    [InlineData("jwk")]
    [InlineData("jku")]
    [InlineData("x5u")]
    [InlineData("x5c")]
    [InlineData("crit")]
    public async Task T1_A_header_that_brings_more_than_type_algorithm_and_key_is_refused(string member)
    {
        using var theirs = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var point = theirs.ExportParameters(false).Q;
        var (header, payload) = await RealAsync();
        header[member] = member switch
        {
            "jwk" => new JsonObject { ["kty"] = "EC", ["crv"] = "P-256", ["x"] = WebEncoders.Base64UrlEncode(point.X!), ["y"] = WebEncoders.Base64UrlEncode(point.Y!) },
            "crit" => new JsonArray("exp"),
            "x5c" => new JsonArray("MIIB"),
            _ => $"{IdentityApp.Origin}/.well-known/jwks.json",
        };
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(Sign(header, payload, text => theirs.SignData(text, HashAlgorithmName.SHA256))));
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(Sign(header, payload, Ours)));
    }

    public static TheoryData<string, string?> Claims => new()
    {
        { "aud", "\"other\"" }, { "aud", "[\"zooplatform\",\"other\"]" }, { "aud", null },
        { "iss", "\"zooplatform/\"" }, { "iss", null }, { "sub", null }, { "scope", null },
        { "exp", "\"soon\"" }, { "exp", "1e20" }, { "exp", "1" }, { "exp", null }, { "exp", "-1" },
        { "nbf", "32503680000" }, { "orgs", "\"all\"" }, { "admin", "\"yes\"" },
    };

    [Theory]
    [MemberData(nameof(Claims))]
    public async Task T1_A_claim_that_is_not_as_it_must_be_is_refused(string claim, string? json)
    {
        var (header, payload) = await RealAsync();
        payload.Remove(claim);
        if (json is not null) payload[claim] = JsonNode.Parse(json);
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(Sign(header, payload, Ours)));
    }

    [Fact]
    public async Task T1_An_empty_signature_another_type_and_an_ID_token_are_refused()
    {
        var (header, payload) = await RealAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(Sign(header, payload, _ => new byte[64])));   // r = s = 0
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(Sign(header, payload, _ => [])));
        header["typ"] = "JWT";
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(Sign(header, payload, Ours)));
        var idToken = OAuthFlow.Text(await new OAuthFlow(app).TokensAsync(await app.APersonAsync()), "id_token");
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(idToken));
        using var swap = await app.SwapAsync("bearer", idToken);
        Assert.Equal(HttpStatusCode.Unauthorized, swap.StatusCode);
    }

    [Fact]
    public async Task T1_A_token_of_a_megabyte_is_refused()
    {
        var status = 0;
        try
        {
            status = (int)await TryAsync(new string('a', 1 << 20));
        }
        catch (HttpRequestException)
        {
            // The server closes before it has read it all.
        }
        Assert.True(status is 0 or (>= 400 and < 500), $"{status}");
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync(new string('a', 9000)));
    }

    [Fact]
    public async Task T1_A_thousand_unknown_keys_cost_one_look_at_the_key_set()
    {
        var (fetched, clock) = (0, new Clock());
        using var keys = new SigningKeys(_ =>
        {
            fetched++;
            return Task.FromResult("""{"keys":[]}""");
        }, clock);
        for (var i = 0; i < 1000; i++) Assert.Null(await keys.FindAsync($"k{i}", default));
        Assert.Equal(1, fetched);
        clock.Now += TimeSpan.FromMinutes(5);
        for (var i = 0; i < 1000; i++) Assert.Null(await keys.FindAsync($"k{i}", default));
        Assert.Equal(2, fetched);
    }
}

/// <summary>A clock that a test moves.</summary>
internal sealed class Clock : TimeProvider
{
    public DateTimeOffset Now { get; set; } = System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => Now;
}
