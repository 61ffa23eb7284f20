using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Identity.Organisations;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Identity.Accounts;

/// <summary><c>GET /api/whoami-v2</c> as Hugging Face clients ask it: <c>hf auth login</c>, <c>hf auth whoami</c>.</summary>
internal static class HubWhoAmI
{
    public static void MapHubWhoAmI(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/whoami-v2", Get).RequireAuthorization(Policies.SignedIn).WithTags("Hub").WithMetadata(ErrorShape.Hub);

    private static async Task<Ok<Answer>> Get(Caller caller, IdentityDb db, CancellationToken ct)
    {
        var tokenId = caller.ClientId?.Split(':') is ["token", var text] && Guid.TryParse(text, out var parsed) ? parsed : Guid.Empty;
        var token = await db.ApiTokens.AsNoTracking().SingleOrDefaultAsync(t => t.Id == tokenId, ct);
        var auth = new Auth("access_token", token?.ExpiresAt, new AccessToken(token?.Name ?? caller.ClientId ?? "session", TokenWord(caller), token?.CreatedAt));
        if (caller.ServiceAccountId is { } account)
        {
            var (_, own) = await db.FindServiceAccountAsync(account, ct);
            return TypedResults.Ok(new Answer("app", account.ToString(), caller.Name, caller.Name, null, false, false, false, null, null,
                [new Organisation("org", own.Id.ToString(), own.Name, own.Name, null, false, null, null, false, RoleWord(own.Role))], auth));
        }
        var id = caller.UserId!.Value;
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == id, ct);
        var owner = await db.Owners.AsNoTracking().SingleAsync(o => o.Id == id, ct);
        var organisations = await db.Memberships.Where(m => m.UserId == id)
            .Join(db.Owners, m => m.OrganisationId, o => o.Id, (m, o) => new { m.Role, o.Id, o.Name, o.DisplayName }).ToListAsync(ct);
        return TypedResults.Ok(new Answer("user", id.ToString(), owner.Name, owner.DisplayName ?? owner.Name, user.Email, false, false, false, null, null,
            [.. organisations.Select(o => new Organisation(
                "org", o.Id.ToString(), o.Name, o.DisplayName ?? o.Name, null, false, null, null, false, RoleWord(o.Role)))], auth));
    }

    private static string RoleWord(Role role) => role switch
    {
        Role.Owner => "admin",
        Role.Reader => "read",
        _ => "write",
    };

    private static string TokenWord(Caller caller) => caller.Scopes.Contains(Scopes.Write) ? "write" : "read";

    internal sealed record Answer(
        string Type, string Id, string Name, string Fullname, string? Email, bool EmailVerified, bool IsPro, bool CanPay,
        string? AvatarUrl, DateTimeOffset? PeriodEnd, IReadOnlyList<Organisation> Orgs, Auth Auth);

    internal sealed record Organisation(
        string Type, string Id, string Name, string Fullname, string? Email, bool CanPay, DateTimeOffset? PeriodEnd, string? AvatarUrl,
        bool IsEnterprise, string RoleInOrg);

    internal sealed record Auth(string Type, DateTimeOffset? ExpiresAt, AccessToken AccessToken);

    internal sealed record AccessToken(string DisplayName, string Role, DateTimeOffset? CreatedAt);
}
