using ZooPlatform.Contracts;

namespace ZooPlatform.Identity.Organisations;

/// <summary>A one-time link that makes whoever opens it a member. No mail is sent: the inviter passes the link on.</summary>
internal sealed class Invitation
{
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    public required Guid Id { get; init; }
    public required Guid OrganisationId { get; init; }

    /// <summary>A label that tells invitations apart; proves nothing about who opens the link.</summary>
    public required string Email { get; init; }
    public required Role Role { get; init; }
    public required byte[] CodeHash { get; init; }
    public required Guid InvitedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public Guid? AcceptedBy { get; set; }
    public DateTimeOffset? AcceptedAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
}
