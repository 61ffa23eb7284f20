using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.OAuth;
using ZooPlatform.Identity.Owners;
using ZooPlatform.Identity.Tokens;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Identity.Organisations;

/// <summary>An organisation's service accounts, their tokens and client secrets: its owners' business.</summary>
internal static class ServiceAccountRoutes
{
    public static void MapServiceAccounts(this IEndpointRouteBuilder organisations)
    {
        var accounts = organisations.MapGroup("/{name}/service-accounts").RequireAuthorization(Policies.Admin).WithExample(null, ("name", "example-lab"));
        accounts.MapPost("", Create).WithName("CreateServiceAccount").ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Make a service account").WithDescription("A member that is a program: reader, contributor or maintainer.").WithExample(new CreateServiceAccount("ci", Role.Contributor));
        accounts.MapGet("", List).WithName("ListServiceAccounts").ProducesProblem(404).WithPages(500).WithSummary("List service accounts").WithExample(null, ("limit", 10));
        accounts.MapGet("/{account}", Get).WithName("GetServiceAccount").ProducesProblem(404).WithSummary("Get a service account").WithExample(null, ("account", "ci"));
        accounts.MapPut("/{account}", SetRole).WithName("SetServiceAccount").ProducesProblem(404).WithSummary("Set a service account's role").WithExample(new SetMember(Role.Reader), ("account", "ci"));
        accounts.MapDelete("/{account}", Delete).WithName("DeleteServiceAccount").ProducesProblem(404).WithSummary("Delete a service account").WithDescription("Its tokens and secrets go with it.").WithExample(null, ("account", "ci"));
        accounts.MapPost("/{account}/tokens", CreateToken).WithName("CreateServiceAccountToken").ProducesProblem(404).WithSummary("Make a service account's token").WithDescription("Answers the token, once.").WithExample(new CreateToken("pipeline", ["read"], 30), ("account", "ci"));
        accounts.MapGet("/{account}/tokens", ListTokens).WithName("ListServiceAccountTokens").ProducesProblem(404).WithPages(500).WithSummary("List a service account's tokens").WithExample(null, ("account", "ci"), ("limit", 10));
        accounts.MapDelete("/{account}/tokens/{id:guid}", RevokeToken).WithName("RevokeServiceAccountToken").ProducesProblem(404).WithSummary("Revoke a service account's token").WithExample(null, ("account", "ci")).WithExampleFrom("id", "CreateServiceAccountToken.id");
        accounts.MapPost("/{account}/secrets", CreateSecret).WithName("CreateServiceAccountSecret").ProducesProblem(404).ProducesProblem(409).WithSummary("Make a client secret").WithDescription("For the client-credentials grant. Answers the secret, once.").WithExample(null, ("account", "ci"));
        accounts.MapDelete("/{account}/secrets/{id:guid}", RemoveSecret).WithName("DeleteServiceAccountSecret").ProducesProblem(404).WithSummary("Delete a client secret").WithExample(null, ("account", "ci")).WithExampleFrom("id", "CreateServiceAccountSecret.id");
    }

    private static async Task<Results<Created<ServiceAccountView>, ProblemHttpResult>> Create(
        string name, CreateServiceAccount request, Caller caller, IdentityDb db, ChangeServiceAccount change, CancellationToken ct)
    {
        var (organisation, refusal) = await db.OrganisationForAsync(name, caller, Role.Owner, ct);
        if (organisation is null) return refusal!;
        if (!ServiceAccount.IsName(request.Name)) return IdentityProblems.ServiceAccountNameInvalid(request.Name);
        if (request.Role == Role.Owner) return IdentityProblems.ServiceAccountRoleInvalid;
        return await change.CreateAsync(organisation, request.Name, request.Role, caller.Subject, ct) is { } made
            ? TypedResults.Created($"/api/v1/organisations/{organisation.Name}/service-accounts/{made.Name}", View(made, organisation, []))
            : IdentityProblems.ServiceAccountNameTaken(organisation.Name, request.Name);
    }

    private static async Task<Results<Ok<Page<ServiceAccountView>>, ProblemHttpResult>> List(
        string name, Caller caller, IdentityDb db, CancellationToken ct, string? after = null, int limit = 100)
    {
        if (!Cursor.TryRead(after, out var start, Guid.Empty)) return Problem.CursorInvalid(after);
        var (organisation, refusal) = await db.OrganisationForAsync(name, caller, Role.Owner, ct);
        if (organisation is null) return refusal!;
        var rows = await db.ServiceAccounts.AsNoTracking()
            .Where(a => a.OrganisationId == organisation.Id && a.Id > start).OrderBy(a => a.Id).Take(limit).ToListAsync(ct);
        var clients = rows.ConvertAll(a => a.Id.ToString());
        var secrets = await db.ClientSecrets.AsNoTracking().Where(s => clients.Contains(s.ClientId)).ToListAsync(ct);
        return TypedResults.Ok(new Page<ServiceAccountView>(
            [.. rows.Select(a => View(a, organisation, secrets.Where(s => s.ClientId == a.Id.ToString())))], rows.Count == limit ? rows[^1].Id.ToString() : null));
    }

    private static async Task<Results<Ok<ServiceAccountView>, ProblemHttpResult>> Get(
        string name, string account, Caller caller, IdentityDb db, CancellationToken ct)
    {
        var (found, organisation, refusal) = await FindAsync(db, name, account, caller, ct);
        return found is null ? refusal! : TypedResults.Ok(await ViewAsync(db, found, organisation!, ct));
    }

    private static async Task<Results<Ok<ServiceAccountView>, ProblemHttpResult>> SetRole(
        string name, string account, SetMember request, Caller caller, IdentityDb db, ChangeServiceAccount change, CancellationToken ct)
    {
        var (found, organisation, refusal) = await FindAsync(db, name, account, caller, ct);
        if (found is null) return refusal!;
        if (request.Role == Role.Owner) return IdentityProblems.ServiceAccountRoleInvalid;
        await change.SetRoleAsync(found, request.Role, caller.Subject, ct);
        return TypedResults.Ok(await ViewAsync(db, found, organisation!, ct));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string name, string account, Caller caller, IdentityDb db, ChangeServiceAccount change, CancellationToken ct)
    {
        var (found, _, refusal) = await FindAsync(db, name, account, caller, ct);
        if (found is null) return refusal!;
        await change.DeleteAsync(found, caller.Subject, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Created<TokenView>, ProblemHttpResult>> CreateToken(
        string name, string account, CreateToken request, Caller caller, IdentityDb db, MakeToken make, HttpContext context, CancellationToken ct)
    {
        var (found, organisation, refusal) = await FindAsync(db, name, account, caller, ct);
        if (found is null) return refusal!;
        var (asked, fault) = TokenRequest.Check(request, caller, ServiceAccount.Scopes);
        if (asked is null) return fault!;
        var (row, token) = await make.RunAsync(TokenHolder.Account(found.Id), caller.Subject, request.Name, asked.Scopes, asked.Life, ct);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(
            $"/api/v1/organisations/{organisation!.Name}/service-accounts/{found.Name}/tokens/{row.Id}", TokenRoutes.View(row) with { Token = token });
    }

    private static async Task<Results<Ok<Page<TokenView>>, ProblemHttpResult>> ListTokens(
        string name, string account, Caller caller, IdentityDb db, TimeProvider time, CancellationToken ct, string? after = null, int limit = 100)
    {
        var (found, _, refusal) = await FindAsync(db, name, account, caller, ct);
        return found is null ? refusal! : await TokenRoutes.ListAsync(TokenHolder.Account(found.Id), db, time, after, limit, ct);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeToken(
        string name, string account, Guid id, Caller caller, IdentityDb db, RevokeToken revoke, CancellationToken ct)
    {
        var (found, _, refusal) = await FindAsync(db, name, account, caller, ct);
        if (found is null) return refusal!;
        return await revoke.RunAsync(TokenHolder.Account(found.Id), caller.Subject, id, ct) ? TypedResults.NoContent() : IdentityProblems.TokenUnknown(id);
    }

    private static async Task<Results<Created<ClientSecretView>, ProblemHttpResult>> CreateSecret(
        string name, string account, Caller caller, IdentityDb db, ChangeSecrets secrets, HttpContext context, CancellationToken ct)
    {
        var (found, organisation, refusal) = await FindAsync(db, name, account, caller, ct);
        if (found is null) return refusal!;
        if (await secrets.AddAsync(found.Id.ToString(), caller.Subject, ct) is not { } made) return IdentityProblems.SecretsFull;
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created(
            $"/api/v1/organisations/{organisation!.Name}/service-accounts/{found.Name}/secrets/{made.Row.Id}", ClientRoutes.View(made.Row) with { Secret = made.Secret });
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveSecret(
        string name, string account, Guid id, Caller caller, IdentityDb db, ChangeSecrets secrets, CancellationToken ct)
    {
        var (found, _, refusal) = await FindAsync(db, name, account, caller, ct);
        if (found is null) return refusal!;
        return await secrets.RemoveAsync(found.Id.ToString(), id, caller.Subject, ct) ? TypedResults.NoContent() : IdentityProblems.SecretUnknown(id);
    }

    /// <summary>The account, if the caller owns its organisation; else the refusal.</summary>
    private static async Task<(ServiceAccount? Account, Owner? Organisation, ProblemHttpResult? Refusal)> FindAsync(
        IdentityDb db, string name, string account, Caller caller, CancellationToken ct)
    {
        var (organisation, refusal) = await db.OrganisationForAsync(name, caller, Role.Owner, ct);
        if (organisation is null) return (null, null, refusal);
        var folded = OwnerName.Fold(account);
        var found = await db.ServiceAccounts.AsNoTracking().SingleOrDefaultAsync(a => a.OrganisationId == organisation.Id && a.FoldedName == folded, ct);
        return found is null ? (null, null, IdentityProblems.ServiceAccountUnknown(organisation.Name, account)) : (found, organisation, null);
    }

    private static async Task<ServiceAccountView> ViewAsync(IdentityDb db, ServiceAccount account, Owner organisation, CancellationToken ct)
    {
        var client = account.Id.ToString();
        return View(account, organisation, await db.ClientSecrets.AsNoTracking().Where(s => s.ClientId == client).ToListAsync(ct));
    }

    private static ServiceAccountView View(ServiceAccount account, Owner organisation, IEnumerable<ClientSecret> secrets) => new(
        account.Id, organisation.Name, account.Name, account.Role, account.CreatedAt, [.. secrets.OrderBy(s => s.Id).Select(ClientRoutes.View)]);
}
