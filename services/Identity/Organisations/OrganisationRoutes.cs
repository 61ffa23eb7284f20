using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Owners;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Identity.Organisations;

internal static class OrganisationRoutes
{
    public static void MapOrganisations(this IEndpointRouteBuilder routes)
    {
        var organisations = routes.MapGroup("/api/v1/organisations").WithTags("Organisations");
        organisations.MapPost("", Create).RequireAuthorization(Policies.Admin).WithName("CreateOrganisation").ProducesProblem(409)
            .WithSummary("Found an organisation").WithDescription("The caller becomes its owner.").WithExample(new Contracts.Identity.CreateOrganisation("example-lab", "The example lab"));
        organisations.MapGet("", ListMine).RequireAuthorization(Policies.SignedIn).WithName("ListOrganisations").WithPages(100)
            .WithSummary("List my organisations").WithDescription("Those that the caller belongs to.").WithExample(null, ("limit", 10));
        organisations.MapGet("/{name}", Get).RequireAuthorization(Policies.SignedIn).WithName("GetOrganisation").ProducesProblem(404)
            .WithSummary("Get an organisation");
        organisations.MapDelete("/{name}", Delete).RequireAuthorization(Policies.Admin).WithName("DeleteOrganisation").ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Delete an organisation").WithDescription("For its owners, when it owns no repository any more.").WithExample(null, ("name", "example-lab"));
        organisations.MapMembers();
        organisations.MapInvitations();
        organisations.MapServiceAccounts();
    }

    private static async Task<Results<Created<OrganisationView>, ProblemHttpResult>> Create(
        Contracts.Identity.CreateOrganisation request, Caller caller, CreateOrganisation create, CancellationToken ct)
    {
        if (!OwnerName.TryParse(request.Name, out var name)) return IdentityProblems.NameInvalid(request.Name);
        if (request.DisplayName is { } title && !Label.IsValid(title)) return IdentityProblems.LabelInvalid;
        return await create.RunAsync(name, request.DisplayName, caller.UserId!.Value, ct) switch
        {
            CreateOrganisationOutcome.Created { Organisation: var made } => TypedResults.Created($"/api/v1/organisations/{made.Name}",
                new OrganisationView(made.Id, made.Name, made.DisplayName, Role.Owner, made.CreatedAt)),
            CreateOrganisationOutcome.TooManyMemberships => IdentityProblems.TooManyMemberships,
            _ => IdentityProblems.NameTaken(request.Name),
        };
    }

    private static async Task<Results<Ok<Page<OrganisationView>>, ProblemHttpResult>> ListMine(
        Caller caller, IdentityDb db, CancellationToken ct, string? after = null, int limit = 100)
    {
        if (!Cursor.TryRead(after, out var start, Guid.Empty)) return Problem.CursorInvalid(after);
        var roles = caller.ServiceAccountId is { } account
            ? db.ServiceAccounts.Where(a => a.Id == account).Select(a => new { a.Role, a.OrganisationId })
            : db.Memberships.Where(m => m.UserId == caller.UserId).Select(m => new { m.Role, m.OrganisationId });
        var items = await roles.Where(row => row.OrganisationId > start)
            .Join(db.Owners, row => row.OrganisationId, o => o.Id, (row, o) => new { row.Role, Organisation = o })
            .Where(row => !row.Organisation.Deleted).OrderBy(row => row.Organisation.Id).Take(limit)
            .Select(row => new OrganisationView(
                row.Organisation.Id, row.Organisation.Name, row.Organisation.DisplayName, row.Role, row.Organisation.CreatedAt))
            .ToListAsync(ct);
        return TypedResults.Ok(new Page<OrganisationView>(items, items.Count == limit ? items[^1].Id.ToString() : null));
    }

    private static async Task<Results<Ok<OrganisationView>, ProblemHttpResult>> Get(string name, Caller caller, IdentityDb db, CancellationToken ct)
    {
        if (await db.FindOrganisationAsync(name, ct) is not { } found) return IdentityProblems.OrganisationUnknown(name);
        var role = await db.RoleAsync(found.Id, caller, ct);
        return TypedResults.Ok(new OrganisationView(found.Id, found.Name, found.DisplayName, role, found.CreatedAt));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string name, Caller caller, IdentityDb db, DeleteOrganisation delete, CancellationToken ct)
    {
        var (organisation, refusal) = await db.OrganisationForAsync(name, caller, Role.Owner, ct);
        if (organisation is null) return refusal!;
        return await delete.RunAsync(organisation, caller.Subject, ct) ? TypedResults.NoContent() : IdentityProblems.OrganisationInUse(organisation.Name);
    }
}
