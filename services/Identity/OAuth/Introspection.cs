using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Identity.Tokens;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.OAuth;

/// <summary><c>/connect/introspection</c> (RFC 7662): a confidential client asks about access and refresh tokens that were issued to it. Whatever is not
/// in force now, or not its own, is <c>{"active":false}</c> and nothing more.</summary>
internal static class Introspection
{
    public static void MapIntrospection(this IEndpointRouteBuilder routes) => routes.MapPost("/introspection", Introspect).DisableAntiforgery();

    private static async Task<IResult> Introspect(
        HttpContext context, AuthenticateClient authenticate, IdentityDb db, GrantTokens grants, IOptions<PlatformOptions> platform, TimeProvider time, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (client, form, refusal) = await TokenEndpoint.ReadAsync(context, authenticate, ct);
        if (client is null || form is null) return refusal!.ToResult();
        if (!client.Confidential) return OAuthError.InvalidClient.ToResult();
        if (form["token"] is not { } token) return OAuthError.InvalidRequest("token is missing.").ToResult();

        var hash = OpaqueToken.HashOf(token);
        var now = time.GetUtcNow();
        var access = await db.AccessTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Hash == hash && t.ExpiresAt > now, ct);
        var grant = access is { GrantId: { } id } ? await db.Grants.AsNoTracking().SingleAsync(g => g.Id == id, ct)
            : access is null ? await grants.FindCurrentAsync(token, ct) : null;
        var active = grant is null
            ? access?.ClientId == client.Id && access is not null
            : grant.ClientId == client.Id && grant.RevokedAt is null && grant.ExpiresAt > now && await db.Users.AnyAsync(u => u.Id == grant.UserId && !u.IsDisabled, ct);
        if (!active) return TypedResults.Json(new JsonObject { ["active"] = false });

        var (issued, expires) = access is null ? (grant!.RefreshedAt, grant.RefreshEndsAt) : (access.ExpiresAt - AccessToken.Life, access.ExpiresAt);
        var answer = new JsonObject
        {
            ["active"] = true,
            ["scope"] = string.Join(' ', access?.Scopes ?? grant!.Scopes),
            ["client_id"] = client.Id,
            ["sub"] = grant is null ? InternalClaims.ClientPrefix + client.Id : grant.UserId.ToString(),
            ["aud"] = platform.Value.Issuer,
            ["iss"] = platform.Value.Issuer,
            ["iat"] = issued.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["jti"] = WebEncoders.Base64UrlEncode(hash.AsSpan(0, 16)),
        };
        if (access is not null) answer["token_type"] = "Bearer";
        return TypedResults.Json(answer);
    }
}
