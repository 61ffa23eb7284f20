using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Audit;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.Tokens;

/// <summary>The caller's own tokens. What makes one needs the scope <c>admin</c>, and cannot make a wider one than itself.</summary>
internal static class TokenRoutes
{
    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("/api/v1/tokens").WithTags("Tokens").RequireAuthorization(Policies.Admin);
        tokens.MapPost("", Create);
        tokens.MapGet("", List);
        tokens.MapDelete("/{id:guid}", Revoke);
    }

    private static async Task<Results<Created<TokenView>, ProblemHttpResult>> Create(
        CreateToken request, Caller caller, MakePersonalToken make, HttpContext context, CancellationToken ct)
    {
        var scopes = request.Scopes is { Count: > 0 } asked ? asked : [.. Scopes.OfUsers.Where(caller.Scopes.Contains)];
        if (scopes.FirstOrDefault(scope => !Scopes.OfUsers.Contains(scope)) is { } unknown) return IdentityProblems.ScopeUnknown(unknown);
        if (scopes.FirstOrDefault(scope => !caller.Scopes.Contains(scope)) is { } wider) return IdentityProblems.ScopeTooWide(wider);
        if (!Label.IsValid(request.Name)) return IdentityProblems.LabelInvalid;
        if (request.ExpiresInDays is { } days and not (>= 1 and <= PersonalToken.MaxDays)) return IdentityProblems.LifeInvalid(days);

        var life = request.ExpiresInDays is { } given ? TimeSpan.FromDays(given) : PersonalToken.DefaultLife;
        var (row, token) = await make.RunAsync(caller.UserId!.Value, request.Name, scopes, life, ct);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/tokens/{row.Id}", View(row) with { Token = token });
    }

    private static async Task<Results<Ok<Page<TokenView>>, ProblemHttpResult>> List(
        Caller caller, IdentityDb db, TimeProvider time, CancellationToken ct, string? after = null, int limit = 100)
    {
        if (!Cursor.TryRead(after, out var start, Guid.Empty)) return IdentityProblems.CursorUnknown(after);
        limit = Math.Clamp(limit, 1, 500);
        var rows = await db.PersonalTokens.AsNoTracking().InForce(time.GetUtcNow())
            .Where(t => t.UserId == caller.UserId && t.Id > start).OrderBy(t => t.Id).Take(limit).ToListAsync(ct);
        return TypedResults.Ok(new Page<TokenView>([.. rows.Select(View)], rows.Count == limit ? rows[^1].Id.ToString() : null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Revoke(
        Guid id, Caller caller, RevokePersonalToken revoke, CancellationToken ct) =>
        await revoke.RunAsync(caller.UserId!.Value, id, ct) ? TypedResults.NoContent() : IdentityProblems.TokenUnknown(id);

    public static IQueryable<PersonalToken> InForce(this IQueryable<PersonalToken> tokens, DateTimeOffset now) =>
        tokens.Where(t => t.RevokedAt == null && t.ExpiresAt > now);

    private static TokenView View(PersonalToken t) => new(t.Id, t.Name, t.Hint, t.Scopes, t.CreatedAt, t.ExpiresAt, t.LastUsedAt);
}
