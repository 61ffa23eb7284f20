namespace ZooPlatform.Contracts.Identity;

/// <summary>A user or an organisation: whoever can own repositories. The state in Identity's feed.</summary>
public sealed record OwnerState(Guid Id, OwnerKind Kind, string Name, string? DisplayName);

public sealed record UserView(Guid Id, string Name, string? DisplayName, DateTimeOffset CreatedAt);

/// <summary>Who the caller is: <c>GET /api/v1/users/me</c>.</summary>
public sealed record MeView(
    Guid Id, string Name, string? DisplayName, string? Email, bool IsAdministrator, IReadOnlyList<MembershipView> Organisations,
    IReadOnlyList<string> Scopes);

public sealed record MembershipView(Guid Id, string Name, Role Role);

public sealed record CreateOrganisation(string Name, string? DisplayName = null);

/// <param name="Role">The caller's role in it; null for one who is no member.</param>
public sealed record OrganisationView(Guid Id, string Name, string? DisplayName, Role? Role, DateTimeOffset CreatedAt);

public sealed record MemberView(Guid UserId, string Name, Role Role, DateTimeOffset Since);

public sealed record SetMember(Role Role);

/// <param name="Email">A label that tells invitations apart; no mail is sent.</param>
public sealed record CreateInvitation(string Email, Role Role);

/// <param name="Link">Where the invited person signs up; only in the answer that creates it.</param>
public sealed record InvitationView(
    Guid Id, string Organisation, string Email, Role Role, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string? Link = null);
