using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using ZooPlatform.Contracts;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.OAuth;

/// <summary><c>/connect/device</c>: a device without a browser asks for a code that its user types elsewhere.</summary>
/// <remarks>No <c>verification_uri_complete</c>: a link that needs no typing is what phishers send (RFC 8628, section 5.4).</remarks>
internal static class DeviceRoutes
{
    public const string Page = "/account/device";

    public static void MapDevice(this IEndpointRouteBuilder routes) => routes.MapPost("/device", Start).DisableAntiforgery();

    private static async Task<IResult> Start(
        HttpContext context, AuthenticateClient authenticate, IdentityDb db, IOptions<PlatformOptions> platform, TimeProvider time, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (client, form, refusal) = await TokenEndpoint.ReadAsync(context, authenticate, ct);
        if (client is null || form is null) return refusal!.ToResult();
        if (!client.DeviceFlow) return OAuthError.UnauthorizedClient("This client is not registered for the device flow.").ToResult();
        var scopes = (form["scope"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().ToArray();
        // Whoever can be talked into typing a code must not give away more than their models.
        if (scopes.Length == 0 || scopes.Except(client.Scopes).Any() || scopes.Contains(Scopes.Admin)) return OAuthError.InvalidScope.ToResult();

        var secret = OpaqueToken.NewSecret();
        var now = time.GetUtcNow();
        var code = new DeviceCode
        {
            Hash = OpaqueToken.HashOf(secret), UserCode = RandomNumberGenerator.GetString(DeviceCode.Letters, DeviceCode.UserCodeChars), ClientId = client.Id,
            Scopes = scopes, Address = ClientAddress.Of(context), CreatedAt = now, ExpiresAt = now + DeviceCode.Life, IntervalSeconds = DeviceCode.FirstIntervalSeconds,
        };
        db.DeviceCodes.Add(code);
        await db.SaveChangesAsync(ct);
        return TypedResults.Json(new Answer(
            secret, code.ShownCode, platform.Value.Issuer + Page, (int)DeviceCode.Life.TotalSeconds, DeviceCode.FirstIntervalSeconds));
    }

    private sealed record Answer(
        [property: JsonPropertyName("device_code")] string DeviceCode,
        [property: JsonPropertyName("user_code")] string UserCode,
        [property: JsonPropertyName("verification_uri")] string VerificationUri,
        [property: JsonPropertyName("expires_in")] int ExpiresIn,
        [property: JsonPropertyName("interval")] int Interval);
}
