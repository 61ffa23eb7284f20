using ZooPlatform.Contracts;

namespace ZooPlatform.Artifact.Owners;

/// <summary>A user or organisation, as Identity's feed told it last.</summary>
internal sealed class Owner
{
    public required Guid Id { get; init; }
    public required OwnerKind Kind { get; set; }
    public required string Name { get; set; }
    public bool Deleted { get; set; }
}
