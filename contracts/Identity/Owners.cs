namespace ZooPlatform.Contracts.Identity;

/// <summary>A user or an organisation: whoever can own repositories. The state in Identity's feed.</summary>
public sealed record OwnerState(Guid Id, OwnerKind Kind, string Name, string? DisplayName);

public sealed record UserView(Guid Id, string Name, string? DisplayName, DateTimeOffset CreatedAt);

/// <summary>A user as administrators see them.</summary>
/// <param name="IsGuest">Sees public repositories and what they are a member of, not the instance's internal ones.</param>
/// <param name="IsDisabled">Cannot sign in, and none of their tokens works.</param>
public sealed record UserAccountView(
    Guid Id, string Name, string? DisplayName, string? Email, bool IsAdministrator, bool IsGuest, bool IsDisabled, DateTimeOffset CreatedAt);

/// <summary>What is null stays.</summary>
public sealed record UpdateUser(bool? IsDisabled = null, bool? IsGuest = null);

/// <summary>Who the caller is: <c>GET /api/v1/users/me</c>.</summary>
/// <param name="Name">The user's name; <c>organisation/account</c> of a service account.</param>
public sealed record MeView(
    Guid Id, string Name, string? DisplayName, string? Email, bool IsAdministrator, IReadOnlyList<MembershipView> Organisations,
    IReadOnlyList<string> Scopes, bool IsGuest = false, bool IsServiceAccount = false);

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
