using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Tokens;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Identity.Organisations;

/// <summary>Owners invite, see what is open, and take back.</summary>
internal static class InvitationRoutes
{
    public static void MapInvitations(this IEndpointRouteBuilder organisations)
    {
        organisations.MapPost("/{name}/invitations", Create).RequireAuthorization(Policies.Admin).WithName("CreateInvitation").ProducesProblem(404)
            .WithSummary("Invite").WithDescription("Answers a link, once, to hand to the person; no mail is sent.")
            .WithExample(new CreateInvitation("grace@example.org", Role.Reader), ("name", "example-lab"));
        organisations.MapGet("/{name}/invitations", List).RequireAuthorization(Policies.Admin).WithName("ListInvitations").ProducesProblem(404).WithPages(500)
            .WithSummary("List open invitations").WithDescription("Without their links.").WithExample(null, ("name", "example-lab"), ("limit", 10));
        organisations.MapDelete("/{name}/invitations/{id:guid}", Revoke).RequireAuthorization(Policies.Admin).WithName("RevokeInvitation").ProducesProblem(404)
            .WithSummary("Take an invitation back").WithExample(null, ("name", "example-lab")).WithExampleFrom("id", "CreateInvitation.id");
    }

    private static async Task<Results<Created<InvitationView>, ProblemHttpResult>> Create(
        string name, JsonBody<CreateInvitation> body, Caller caller, IdentityDb db, AuditTrail audit, IOptions<PlatformOptions> platform,
        TimeProvider time, HttpContext context, CancellationToken ct)
    {
        var (organisation, refusal) = await db.OrganisationForAsync(name, caller, Role.Owner, ct);
        if (organisation is null) return refusal!;
        var request = await body.ReadAsync(ct);
        if (!Label.IsValid(request.Email)) return IdentityProblems.LabelInvalid;
        var code = OpaqueToken.NewSecret();
        var now = time.GetUtcNow();
        var invitation = new Invitation
        {
            Id = Guid.CreateVersion7(now), OrganisationId = organisation.Id, Email = request.Email, Role = request.Role,
            CodeHash = OpaqueToken.HashOf(code), InvitedBy = caller.UserId!.Value, CreatedAt = now, ExpiresAt = now + Invitation.Life,
        };
        db.Invitations.Add(invitation);
        audit.Add(caller.Subject, "invitation.created", invitation.Id.ToString(), $"{organisation.Id} {request.Role}");
        await db.SaveChangesAsync(ct);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/organisations/{organisation.Name}/invitations/{invitation.Id}",
            View(invitation, organisation.Name) with { Link = $"{platform.Value.Issuer}/account/invitation?code={code}" });
    }

    private static async Task<Results<Ok<Page<InvitationView>>, ProblemHttpResult>> List(
        string name, Caller caller, IdentityDb db, TimeProvider time, CancellationToken ct, string? after = null, int limit = 100)
    {
        if (!Cursor.TryRead(after, out var start, Guid.Empty)) return Problem.CursorInvalid(after);
        var (organisation, refusal) = await db.OrganisationForAsync(name, caller, Role.Owner, ct);
        if (organisation is null) return refusal!;
        var open = await db.Invitations.AsNoTracking().Open(time.GetUtcNow())
            .Where(i => i.OrganisationId == organisation.Id && i.Id > start).OrderBy(i => i.Id).Take(limit).ToListAsync(ct);
        return TypedResults.Ok(new Page<InvitationView>(
            [.. open.Select(i => View(i, organisation.Name))], open.Count == limit ? open[^1].Id.ToString() : null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Revoke(
        string name, Guid id, Caller caller, IdentityDb db, AuditTrail audit, TimeProvider time, CancellationToken ct)
    {
        var (organisation, refusal) = await db.OrganisationForAsync(name, caller, Role.Owner, ct);
        if (organisation is null) return refusal!;
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var revoked = await db.Invitations.Open(now).Where(i => i.Id == id && i.OrganisationId == organisation.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.RevokedAt, now), ct);
        if (revoked == 0) return IdentityProblems.InvitationUnknown(id);
        audit.Add(caller.Subject, "invitation.revoked", id.ToString());
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return TypedResults.NoContent();
    }

    /// <summary>Neither accepted nor revoked nor expired.</summary>
    public static IQueryable<Invitation> Open(this IQueryable<Invitation> invitations, DateTimeOffset now) =>
        invitations.Where(i => i.AcceptedAt == null && i.RevokedAt == null && i.ExpiresAt > now);

    private static InvitationView View(Invitation i, string organisation) => new(i.Id, organisation, i.Email, i.Role, i.CreatedAt, i.ExpiresAt);
}
