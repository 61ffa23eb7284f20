using ZooPlatform.Contracts;

namespace ZooPlatform.Identity.Organisations;

/// <summary>That a user belongs to an organisation, and as what.</summary>
internal sealed class Membership
{
    public required Guid OrganisationId { get; init; }
    public required Guid UserId { get; init; }
    public required Role Role { get; set; }
    public required DateTimeOffset Since { get; init; }
}
