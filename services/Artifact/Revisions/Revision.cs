namespace ZooPlatform.Artifact.Revisions;

/// <summary>One immutable snapshot of a repository.</summary>
internal sealed class Revision
{
    public required Guid RepositoryId { get; init; }
    /// <summary>The id git gives the same commit.</summary>
    public required string Id { get; init; }
    /// <summary>1, 2, ... in the order of the repository's commits.</summary>
    public int Number { get; set; }
    public required string? Parent { get; init; }
    public required string Tree { get; init; }
    public required string Message { get; init; }
    public required string Author { get; init; }
    public required Guid AuthorId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required int FileCount { get; init; }
    /// <summary>Since when a sweep knows that no branch, tag or alias reaches it.</summary>
    public DateTimeOffset? UnreachableSince { get; init; }
    public required long SizeBytes { get; init; }
}

internal enum RefKind
{
    Branch,
    Tag,
    /// <summary>A name that moves, such as <c>prod</c>; its moves are kept.</summary>
    Alias,
}

/// <summary>A branch, tag or alias. They share one set of names, so that a name means one revision.</summary>
internal sealed class Ref
{
    public const string Main = "main";

    public required Guid RepositoryId { get; init; }
    public required string Name { get; init; }
    public required RefKind Kind { get; init; }
    public required string Revision { get; set; }
    public required DateTimeOffset UpdatedAt { get; set; }
    /// <summary>Why it points there, when somebody said so.</summary>
    public string? Message { get; set; }
}

/// <summary>An alias was set, moved or deleted.</summary>
internal sealed class AliasMove
{
    /// <summary>Grows with time.</summary>
    public long Number { get; init; }
    public required Guid RepositoryId { get; init; }
    public required string Alias { get; init; }
    /// <summary>Null: it was new.</summary>
    public required string? FromRevision { get; init; }
    /// <summary>Null: it was deleted.</summary>
    public required string? ToRevision { get; init; }
    public required string? Message { get; init; }
    public required string MovedBy { get; init; }
    public required Guid MovedById { get; init; }
    public required DateTimeOffset MovedAt { get; init; }
}
