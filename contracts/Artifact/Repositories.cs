namespace ZooPlatform.Contracts.Artifact;

/// <param name="Visibility">Private when absent.</param>
public sealed record CreateRepository(string Owner, string Name, Visibility Visibility = Visibility.Private, string? Description = null);

/// <summary>What is absent stays.</summary>
public sealed record UpdateRepository(Visibility? Visibility = null, string? Description = null);

/// <param name="Head">The revision the main branch points at; null while it is empty.</param>
/// <param name="Role">What the caller may do; null for one who may only read because it is public or internal.</param>
/// <param name="MaxFileBytes">The largest file that the zoo takes, told of one repository, not in lists: to be known before hours are spent on a file.</param>
public sealed record RepositoryView(
    Guid Id, string Owner, string Name, Visibility Visibility, string? Description, string? Head, Role? Role,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long? MaxFileBytes = null);

public sealed record SetGrant(Role Role);

public sealed record GrantView(Guid UserId, string UserName, Role Role);

/// <summary>A repository in Artifact's feed.</summary>
/// <param name="Readers">Reader keys: who may read it (see docs/design.md).</param>
/// <param name="Head">The revision the main branch points at; null while it is empty.</param>
/// <param name="Grants">What single users may do in it, beside what the owner's members may.</param>
public sealed record RepositoryState(
    Guid Id, Guid OwnerId, OwnerKind OwnerKind, string Owner, string Name, Visibility Visibility, string? Description,
    IReadOnlyList<string> Readers, string? Head, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, IReadOnlyList<GrantState>? Grants = null);

/// <summary>One user's role in a repository, in Artifact's feed.</summary>
public sealed record GrantState(Guid UserId, Role Role);

/// <summary>A new name, a new owner, or both. What is absent stays.</summary>
public sealed record MoveTo(string? Owner = null, string? Name = null);
