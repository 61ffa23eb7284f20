using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;

namespace ZooPlatform.Identity.OAuth;

/// <summary><c>/connect/token</c> and <c>/connect/revocation</c>.</summary>
internal static class TokenEndpoint
{
    public static void MapTokenEndpoint(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/token", Token).DisableAntiforgery();
        routes.MapPost("/revocation", Revoke).DisableAntiforgery();
    }

    private static async Task<IResult> Token(HttpContext context, IdentityDb db, RedeemCode redeem, GrantTokens grants, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (await OAuthParameters.OfFormAsync(context.Request, ct) is not { } form) return OAuthError.InvalidRequest("Post a form.").ToResult();
        if (form.Repeated is { } repeated) return OAuthError.InvalidRequest($"The parameter {repeated} came more than once.").ToResult();
        if (await ClientAsync(context, form, db, ct) is not { } client) return OAuthError.InvalidClient.ToResult();

        switch (form["grant_type"])
        {
            case "authorization_code":
                if (form["code"] is not { } code) return OAuthError.InvalidRequest("code is missing.").ToResult();
                if (form["code_verifier"] is not { } verifier) return OAuthError.InvalidGrant.ToResult();
                return Answer(await redeem.RunAsync(client.Id, code, form["redirect_uri"], verifier, ct));
            case "refresh_token":
                if (form["refresh_token"] is not { } refreshToken) return OAuthError.InvalidRequest("refresh_token is missing.").ToResult();
                var scopes = form["scope"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (scopes is not null && await grants.FindByRefreshTokenAsync(refreshToken, ct) is { } grant && scopes.Except(grant.Scopes).Any())
                    return OAuthError.InvalidScope.ToResult();
                return Answer(await grants.RefreshAsync(client.Id, refreshToken, scopes, ct));
            case null:
                return OAuthError.InvalidRequest("grant_type is missing.").ToResult();
            default:
                return OAuthError.UnsupportedGrant.ToResult();
        }
    }

    /// <summary>RFC 7009: 200 also for a token that is unknown or another client's.</summary>
    private static async Task<IResult> Revoke(HttpContext context, IdentityDb db, GrantTokens grants, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (await OAuthParameters.OfFormAsync(context.Request, ct) is not { } form) return OAuthError.InvalidRequest("Post a form.").ToResult();
        if (form.Repeated is { } repeated) return OAuthError.InvalidRequest($"The parameter {repeated} came more than once.").ToResult();
        if (await ClientAsync(context, form, db, ct) is not { } client) return OAuthError.InvalidClient.ToResult();
        if (form["token"] is not { } token) return OAuthError.InvalidRequest("token is missing.").ToResult();

        if (await grants.FindByRefreshTokenAsync(token, ct) is { } grant)
        {
            if (grant.ClientId == client.Id) await grants.RevokeAsync(grant.Id, "its client revoked it", ct);
            return TypedResults.Ok();
        }
        var hash = Tokens.OpaqueToken.HashOf(token);
        await db.AccessTokens.Where(t => t.Hash == hash && db.Grants.Any(g => g.Id == t.GrantId && g.ClientId == client.Id)).ExecuteDeleteAsync(ct);
        return TypedResults.Ok();
    }

    /// <remarks>Clients here are public: one that comes with a secret is not the one it says it is.</remarks>
    private static async Task<OAuthClient?> ClientAsync(HttpContext context, OAuthParameters form, IdentityDb db, CancellationToken ct) =>
        context.Request.Headers.Authorization.Count > 0 || form["client_secret"] is not null || form["client_assertion"] is not null
            ? null
            : await AuthorizeRoutes.ClientAsync(db, form, ct);

    private static IResult Answer(IssuedTokens? issued) => issued is null ? OAuthError.InvalidGrant.ToResult() : TypedResults.Json(new TokenAnswer(
        issued.AccessToken, "Bearer", (int)AccessToken.Life.TotalSeconds, string.Join(' ', issued.Scopes), issued.RefreshToken, issued.IdToken));

    private sealed record TokenAnswer(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("token_type")] string TokenType,
        [property: JsonPropertyName("expires_in")] int ExpiresIn,
        [property: JsonPropertyName("scope")] string Scope,
        [property: JsonPropertyName("refresh_token")] string RefreshToken,
        [property: JsonPropertyName("id_token"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? IdToken);
}
