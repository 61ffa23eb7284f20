using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Tokens;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Identity.OAuth;

/// <summary>Administrators register the applications that people may sign in with.</summary>
internal static class ClientRoutes
{
    public static void MapClients(this IEndpointRouteBuilder routes)
    {
        var clients = routes.MapGroup("/api/v1/clients").WithTags("Clients").RequireAuthorization(Policies.Administrator);
        clients.MapPost("", Create).WithName("CreateClient").WithSummary("Register an application").WithDescription("That people may sign in with, always with PKCE. A confidential one needs a secret: the next route makes it.")
            .WithExample(new CreateClient("Example notebook", ["http://127.0.0.1/callback"], ["openid", "read"], Confidential: true));
        clients.MapPost("/{id}/secrets", CreateSecret).WithName("CreateClientSecret").ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Make an application's secret").WithDescription("Of a confidential one. Answers the secret, once; two can live at a time.").WithExampleFrom("id", "CreateClient.id");
        clients.MapDelete("/{id}/secrets/{secret:guid}", RemoveSecret).WithName("DeleteClientSecret").ProducesProblem(404)
            .WithSummary("Delete an application's secret").WithExampleFrom("id", "CreateClient.id").WithExampleFrom("secret", "CreateClientSecret.id");
        clients.MapGet("", List).WithName("ListClients").WithPages(500).WithSummary("List applications").WithDescription("That people may sign in with.").WithExample(null, ("limit", 10));
        clients.MapDelete("/{id}", Delete).WithName("DeleteClient").ProducesProblem(404)
            .WithSummary("Delete an application").WithDescription("Its tokens go with it.").WithExampleFrom("id", "CreateClient.id");
    }

    private static async Task<Results<Created<ClientView>, ProblemHttpResult>> Create(
        CreateClient request, Caller caller, IdentityDb db, AuditTrail audit, TimeProvider time, CancellationToken ct)
    {
        if (!Label.IsValid(request.Name)) return IdentityProblems.LabelInvalid;
        if (request.Scopes.FirstOrDefault(scope => !OAuthScopes.All.Contains(scope)) is { } unknown) return IdentityProblems.ScopeUnknown(unknown, OAuthScopes.All);
        if (request.RedirectUris.FirstOrDefault(uri => !RedirectUri.CanBeRegistered(uri)) is { } refused) return IdentityProblems.RedirectUriInvalid(refused);
        if (request.RedirectUris.Count == 0 && !request.DeviceFlow) return IdentityProblems.RedirectUriInvalid("");
        if (request.PostLogoutRedirectUris?.FirstOrDefault(uri => !RedirectUri.CanBeRegistered(uri)) is { } back) return IdentityProblems.RedirectUriInvalid(back);
        if (request.Origins?.FirstOrDefault(origin => !CrossOrigin.CanBeRegistered(origin)) is { } strange) return IdentityProblems.OriginInvalid(strange);
        var client = new OAuthClient
        {
            Id = OpaqueToken.NewSecret()[..22], Name = request.Name, RedirectUris = [.. request.RedirectUris], Scopes = [.. request.Scopes],
            Confidential = request.Confidential, DeviceFlow = request.DeviceFlow, PostLogoutRedirectUris = [.. request.PostLogoutRedirectUris ?? []],
            Origins = [.. request.Origins ?? []], CreatedAt = time.GetUtcNow(),
        };
        db.Clients.Add(client);
        audit.Add(caller.Subject, "client.registered", client.Id, string.Join(' ', client.RedirectUris));
        await db.SaveChangesAsync(ct);
        return TypedResults.Created($"/api/v1/clients/{client.Id}", View(client));
    }

    private static async Task<Ok<Page<ClientView>>> List(IdentityDb db, CancellationToken ct, string? after = null, int limit = 100)
    {
        var rows = await db.Clients.AsNoTracking().Where(c => c.ServiceAccountId == null).Where(c => after == null || string.Compare(c.Id, after) > 0)
            .OrderBy(c => c.Id).Take(limit).ToListAsync(ct);
        return TypedResults.Ok(new Page<ClientView>([.. rows.Select(View)], rows.Count == limit ? rows[^1].Id : null));
    }

    /// <summary>Its codes, grants and tokens go with it. The platform's own clients stay.</summary>
    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(string id, Caller caller, IdentityDb db, AuditTrail audit, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (await db.Clients.Where(c => c.Id == id && !c.FirstParty && c.ServiceAccountId == null).ExecuteDeleteAsync(ct) == 0) return IdentityProblems.ClientUnknown(id);
        audit.Add(caller.Subject, "client.deleted", id);
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Created<ClientSecretView>, ProblemHttpResult>> CreateSecret(
        string id, Caller caller, IdentityDb db, ChangeSecrets secrets, HttpContext context, CancellationToken ct)
    {
        if (!await db.Clients.AnyAsync(c => c.Id == id && c.Confidential && c.ServiceAccountId == null, ct)) return IdentityProblems.ClientUnknown(id);
        if (await secrets.AddAsync(id, caller.Subject, ct) is not { } made) return IdentityProblems.SecretsFull;
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/clients/{id}/secrets/{made.Row.Id}", View(made.Row) with { Secret = made.Secret });
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveSecret(
        string id, Guid secret, Caller caller, IdentityDb db, ChangeSecrets secrets, CancellationToken ct)
    {
        if (!await db.Clients.AnyAsync(c => c.Id == id && c.ServiceAccountId == null, ct)) return IdentityProblems.ClientUnknown(id);
        return await secrets.RemoveAsync(id, secret, caller.Subject, ct) ? TypedResults.NoContent() : IdentityProblems.SecretUnknown(secret);
    }

    public static ClientSecretView View(ClientSecret s) => new(s.Id, s.Hint, s.CreatedAt);

    private static ClientView View(OAuthClient c) => new(
        c.Id, c.Name, c.RedirectUris, c.Scopes, c.FirstParty, c.CreatedAt, c.Confidential, c.DeviceFlow, c.PostLogoutRedirectUris, c.Origins);
}
