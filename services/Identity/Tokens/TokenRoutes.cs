using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Identity.Tokens;

/// <summary>The caller's own tokens. What makes one needs the scope <c>admin</c>, and cannot make a wider one than itself.</summary>
internal static class TokenRoutes
{
    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("/api/v1/tokens").WithTags("Tokens").RequireAuthorization(Policies.Admin);
        tokens.MapPost("", Create).WithName("CreateToken").WithSummary("Make a token").WithDescription("Answers the token, once. It can do no more than the one that makes it.")
            .WithExample(new CreateToken("example", ["read"], 7));
        tokens.MapGet("", List).WithName("ListTokens").WithPages(500).WithSummary("List my tokens").WithDescription("Those in force, without the tokens themselves.").WithExample(null, ("limit", 10));
        tokens.MapDelete("/{id:guid}", Revoke).WithName("RevokeToken").ProducesProblem(404)
            .WithSummary("Revoke a token").WithDescription("It works nowhere any more within 5 s.").WithExampleFrom("id", "CreateToken.id");
    }

    private static async Task<Results<Created<TokenView>, ProblemHttpResult>> Create(
        CreateToken request, Caller caller, MakeToken make, HttpContext context, CancellationToken ct)
    {
        var (asked, refusal) = TokenRequest.Check(request, caller, Scopes.OfUsers);
        if (asked is null) return refusal!;
        var (row, token) = await make.RunAsync(TokenHolder.User(caller.UserId!.Value), caller.Subject, request.Name, asked.Scopes, asked.Life, ct);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/tokens/{row.Id}", View(row) with { Token = token });
    }

    private static Task<Results<Ok<Page<TokenView>>, ProblemHttpResult>> List(
        Caller caller, IdentityDb db, TimeProvider time, CancellationToken ct, string? after = null, int limit = 100) =>
        ListAsync(TokenHolder.User(caller.UserId!.Value), db, time, after, limit, ct);

    private static async Task<Results<NoContent, ProblemHttpResult>> Revoke(Guid id, Caller caller, RevokeToken revoke, CancellationToken ct) =>
        await revoke.RunAsync(TokenHolder.User(caller.UserId!.Value), caller.Subject, id, ct) ? TypedResults.NoContent() : IdentityProblems.TokenUnknown(id);

    public static async Task<Results<Ok<Page<TokenView>>, ProblemHttpResult>> ListAsync(
        TokenHolder holder, IdentityDb db, TimeProvider time, string? after, int limit, CancellationToken ct)
    {
        if (!Cursor.TryRead(after, out var start, Guid.Empty)) return Problem.CursorInvalid(after);
        var rows = await db.ApiTokens.AsNoTracking().InForce(time.GetUtcNow()).Of(holder)
            .Where(t => t.Id > start).OrderBy(t => t.Id).Take(limit).ToListAsync(ct);
        return TypedResults.Ok(new Page<TokenView>([.. rows.Select(View)], rows.Count == limit ? rows[^1].Id.ToString() : null));
    }

    public static TokenView View(ApiToken t) => new(t.Id, t.Name, t.Hint, t.Scopes, t.CreatedAt, t.ExpiresAt, t.LastUsedAt);
}

/// <summary>What a token is to be, checked.</summary>
internal sealed record TokenRequest(IReadOnlyList<string> Scopes, TimeSpan Life)
{
    /// <param name="holders">The scopes that tokens of this holder can have; absent ones are all the caller has of them.</param>
    public static (TokenRequest? Request, ProblemHttpResult? Refusal) Check(CreateToken request, Caller caller, IReadOnlyList<string> holders)
    {
        var scopes = request.Scopes is { Count: > 0 } asked ? [.. asked.Distinct()] : holders.Where(caller.Scopes.Contains).ToList();
        if (scopes.FirstOrDefault(scope => !holders.Contains(scope)) is { } unknown) return (null, IdentityProblems.ScopeUnknown(unknown, holders));
        if (scopes.FirstOrDefault(scope => !caller.Scopes.Contains(scope)) is { } wider) return (null, IdentityProblems.ScopeTooWide(wider));
        if (!Label.IsValid(request.Name)) return (null, IdentityProblems.LabelInvalid);
        if (request.ExpiresInDays is { } days and not (>= 1 and <= ApiToken.MaxDays)) return (null, IdentityProblems.LifeInvalid(days));
        return (new TokenRequest(scopes, request.ExpiresInDays is { } given ? TimeSpan.FromDays(given) : ApiToken.DefaultLife), null);
    }
}
