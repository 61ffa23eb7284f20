using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.OAuth;

/// <summary><c>/connect/token</c> and <c>/connect/revocation</c>.</summary>
internal static class TokenEndpoint
{
    public const string DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

    public static void MapTokenEndpoint(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/token", Token).DisableAntiforgery();
        routes.MapPost("/revocation", Revoke).DisableAntiforgery();
    }

    private static async Task<IResult> Token(
        HttpContext context, AuthenticateClient authenticate, RedeemCode redeem, PollDevice poll, GrantTokens grants, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (client, form, refusal) = await ReadAsync(context, authenticate, ct);
        if (client is null || form is null) return refusal!.ToResult();
        if (form["resource"] is not null) return OAuthError.InvalidTarget.ToResult();
        var scopes = form["scope"]?.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().ToArray();

        switch (form["grant_type"])
        {
            case "authorization_code":
                if (form["code"] is not { } code) return OAuthError.InvalidRequest("code is missing.").ToResult();
                if (form["code_verifier"] is not { } verifier) return OAuthError.InvalidGrant.ToResult();
                return Answer(await redeem.RunAsync(client, code, form["redirect_uri"], verifier, ct));
            case "refresh_token":
                if (form["refresh_token"] is not { } refreshToken) return OAuthError.InvalidRequest("refresh_token is missing.").ToResult();
                return await grants.RefreshAsync(client.Id, refreshToken, scopes, ct) switch
                {
                    RefreshOutcome.Issued { Tokens: var tokens } => Answer(tokens),
                    RefreshOutcome.TooWide => OAuthError.InvalidScope.ToResult(),
                    _ => OAuthError.InvalidGrant.ToResult(),
                };
            case DeviceGrant:
                if (form["device_code"] is not { } deviceCode) return OAuthError.InvalidRequest("device_code is missing.").ToResult();
                return await poll.RunAsync(client, deviceCode, ct) switch
                {
                    PollOutcome.Issued { Tokens: var tokens } => Answer(tokens),
                    PollOutcome.Refused { Error: var error } => error.ToResult(),
                    _ => throw new InvalidOperationException("A device gets tokens or a refusal."),
                };
            case "client_credentials":
                if (client.ServiceAccountId is null) return OAuthError.UnauthorizedClient("Only service accounts act for themselves.").ToResult();
                if (scopes?.Except(client.Scopes).Any() == true) return OAuthError.InvalidScope.ToResult();
                return Answer(await grants.IssueAsync(client, scopes is { Length: > 0 } ? scopes : client.Scopes, ct));
            case null:
                return OAuthError.InvalidRequest("grant_type is missing.").ToResult();
            default:
                return OAuthError.UnsupportedGrant.ToResult();
        }
    }

    /// <summary>RFC 7009: 200 also for a token that is unknown or another client's.</summary>
    private static async Task<IResult> Revoke(HttpContext context, AuthenticateClient authenticate, IdentityDb db, GrantTokens grants, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        var (client, form, refusal) = await ReadAsync(context, authenticate, ct);
        if (client is null || form is null) return refusal!.ToResult();
        if (form["token"] is not { } token) return OAuthError.InvalidRequest("token is missing.").ToResult();

        if (await grants.FindByRefreshTokenAsync(token, ct) is { } grant)
        {
            if (grant.ClientId == client.Id) await grants.RevokeAsync(grant.Id, "its client revoked it", ct);
            return TypedResults.Ok();
        }
        var hash = OpaqueToken.HashOf(token);
        await db.AccessTokens.Where(t => t.Hash == hash && (t.ClientId == client.Id || db.Grants.Any(g => g.Id == t.GrantId && g.ClientId == client.Id)))
            .ExecuteDeleteAsync(ct);
        return TypedResults.Ok();
    }

    /// <summary>The form, and the client that proved to have sent it; else the refusal.</summary>
    public static async Task<(OAuthClient? Client, OAuthParameters? Form, OAuthError? Refusal)> ReadAsync(
        HttpContext context, AuthenticateClient authenticate, CancellationToken ct)
    {
        if (await OAuthParameters.OfFormAsync(context.Request, ct) is not { } form) return (null, null, OAuthError.InvalidRequest("Post a form."));
        if (form.Repeated is { } repeated) return (null, null, OAuthError.InvalidRequest($"The parameter {repeated} came more than once."));
        return await authenticate.RunAsync(context, form, ct) switch
        {
            ClientCheck.Proven { Client: var client } => (client, form, null),
            ClientCheck.Refused { Error: var error } => (null, null, error),
            _ => throw new InvalidOperationException("A client is proven or refused."),
        };
    }

    private static IResult Answer(IssuedTokens? issued) => issued is null ? OAuthError.InvalidGrant.ToResult() : TypedResults.Json(new TokenAnswer(
        issued.AccessToken, "Bearer", (int)AccessToken.Life.TotalSeconds, string.Join(' ', issued.Scopes), issued.RefreshToken, issued.IdToken));

    private sealed record TokenAnswer(
        [property: JsonPropertyName("access_token")] string AccessToken,
        [property: JsonPropertyName("token_type")] string TokenType,
        [property: JsonPropertyName("expires_in")] int ExpiresIn,
        [property: JsonPropertyName("scope")] string Scope,
        [property: JsonPropertyName("refresh_token"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RefreshToken,
        [property: JsonPropertyName("id_token"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? IdToken);
}
