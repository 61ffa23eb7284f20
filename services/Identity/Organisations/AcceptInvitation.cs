using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Owners;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.Organisations;

internal abstract record AcceptOutcome
{
    public sealed record Accepted(Guid UserId) : AcceptOutcome;
    public sealed record NotOpen : AcceptOutcome;
    public sealed record NameTaken : AcceptOutcome;
    public sealed record PasswordWeak(string Why) : AcceptOutcome;
    public sealed record TooManyMemberships : AcceptOutcome;
}

/// <summary>Uses an invitation up: by somebody new, who chooses a name and a password, or by somebody signed in.</summary>
internal sealed class AcceptInvitation(IdentityDb db, CreateUser createUser, AuditTrail audit, TimeProvider time)
{
    /// <summary>The open invitation with this code, and its organisation; null: used, revoked, expired or invented.</summary>
    public async Task<OpenInvitation?> FindAsync(string code, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(code);
        return await db.Invitations.AsNoTracking().Open(time.GetUtcNow()).Where(i => i.CodeHash == hash)
            .Join(db.Owners.AsNoTracking(), i => i.OrganisationId, o => o.Id, (i, o) => new OpenInvitation(i, o)).SingleOrDefaultAsync(ct);
    }

    public Task<AcceptOutcome> ByNewUserAsync(string code, OwnerName name, string password, CancellationToken ct) =>
        RunAsync(code, async invitation => await createUser.RunAsync(name, invitation.Email, password, isAdministrator: false, ct) switch
        {
            CreateUserOutcome.Created created => new AcceptOutcome.Accepted(created.User.Id),
            CreateUserOutcome.PasswordWeak weak => new AcceptOutcome.PasswordWeak(weak.Why),
            _ => new AcceptOutcome.NameTaken(),
        }, ct);

    public Task<AcceptOutcome> ByUserAsync(string code, Guid userId, CancellationToken ct) =>
        RunAsync(code, async _ => await db.MayJoinAnotherAsync(userId, ct)
            ? new AcceptOutcome.Accepted(userId)
            : new AcceptOutcome.TooManyMemberships(), ct);

    private async Task<AcceptOutcome> RunAsync(string code, Func<Invitation, Task<AcceptOutcome>> whoAsync, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(code);
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // Using it up comes first: of two who open the link at once, the second waits here and then finds nothing.
        var taken = await db.Invitations.Open(now).Where(i => i.CodeHash == hash)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.AcceptedAt, now), ct);
        if (taken == 0) return new AcceptOutcome.NotOpen();
        var invitation = await db.Invitations.SingleAsync(i => i.CodeHash == hash, ct);

        var outcome = await whoAsync(invitation);
        if (outcome is not AcceptOutcome.Accepted { UserId: var userId }) return outcome;   // the transaction is rolled back

        invitation.AcceptedBy = userId;
        var member = await db.Memberships.SingleOrDefaultAsync(m => m.OrganisationId == invitation.OrganisationId && m.UserId == userId, ct);
        if (member is null) db.Memberships.Add(new Membership { OrganisationId = invitation.OrganisationId, UserId = userId, Role = invitation.Role, Since = now });
        else if (member.Role < invitation.Role) member.Role = invitation.Role;
        audit.Add(userId.ToString(), "invitation.accepted", invitation.Id.ToString(), $"{invitation.OrganisationId} {invitation.Role}");
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return outcome;
    }
}

internal sealed record OpenInvitation(Invitation Invitation, Owner Organisation);
