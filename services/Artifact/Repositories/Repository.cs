using ZooPlatform.Artifact.Owners;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Repositories;

/// <summary>A kit's versioned home.</summary>
internal sealed class Repository : IReadable
{
    /// <summary>Its kind in the feed.</summary>
    public const string Kind = "repository";

    public required Guid Id { get; init; }
    public required Guid OwnerId { get; set; }
    public Owner Owner { get; set; } = null!;
    public required string Name { get; set; }
    public required Visibility Visibility { get; set; }
    public string? Description { get; set; }
    /// <summary>Reader keys; empty once deleted.</summary>
    public required string[] Readers { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; set; }
    public DateTimeOffset? DeletedAt { get; set; }
    public List<Grant> Grants { get; } = [];

    /// <summary>Brings <see cref="Readers"/> to what visibility and grants say. Needs owner and grants loaded.</summary>
    public void DeriveReaders() =>
        Readers = [.. ServiceDefaults.Auth.Readers.Of(Visibility, Owner.Kind, OwnerId, Grants.Select(grant => grant.UserId))];
}

/// <summary>What one user may do in one repository, beside what the owner's members may.</summary>
internal sealed class Grant
{
    public required Guid RepositoryId { get; init; }
    public required Guid UserId { get; init; }
    public required Role Role { get; set; }
}
