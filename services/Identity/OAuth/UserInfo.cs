using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.OAuth;

/// <summary><c>/connect/userinfo</c>: about the user, for a client whose access token has the scope <c>openid</c>.</summary>
internal static class UserInfo
{
    private const string Bearer = "Bearer ";

    public static void MapUserInfo(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/userinfo", [HttpMethods.Get, HttpMethods.Post], Get).DisableAntiforgery();

    private static async Task<IResult> Get(HttpContext context, IdentityDb db, TimeProvider time, CancellationToken ct)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.Headers.Authorization is not [{ } header] || !header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return Challenge(context, 401, "Bearer");
        var token = header[Bearer.Length..];
        if (!OpaqueToken.IsWellFormed(token)) return Challenge(context, 401, "Bearer error=\"invalid_token\"");

        var hash = OpaqueToken.HashOf(token);
        var now = time.GetUtcNow();
        var found = await (
            from access in db.AccessTokens.AsNoTracking()
            join grant in db.Grants on access.GrantId equals (Guid?)grant.Id
            join user in db.Users on grant.UserId equals user.Id
            join owner in db.Owners on user.Id equals owner.Id
            where access.Hash == hash && access.ExpiresAt > now && grant.RevokedAt == null && !user.IsDisabled
            select new { access.Scopes, User = user, owner.DisplayName }).SingleOrDefaultAsync(ct);
        if (found is null) return Challenge(context, 401, "Bearer error=\"invalid_token\"");
        if (!found.Scopes.Contains(OAuthScopes.OpenId)) return Challenge(context, 403, "Bearer error=\"insufficient_scope\", scope=\"openid\"");

        var claims = new JsonObject { ["sub"] = found.User.Id.ToString() };
        if (found.Scopes.Contains(OAuthScopes.Profile))
        {
            claims["preferred_username"] = found.User.UserName;
            claims["name"] = found.DisplayName ?? found.User.UserName;
        }
        if (found.Scopes.Contains(OAuthScopes.Email) && found.User.Email is { } email)
        {
            claims["email"] = email;
            claims["email_verified"] = false;
        }
        return TypedResults.Json(claims);
    }

    private static IResult Challenge(HttpContext context, int status, string challenge)
    {
        context.Response.Headers.WWWAuthenticate = challenge;
        return TypedResults.StatusCode(status);
    }
}
