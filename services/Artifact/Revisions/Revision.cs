namespace ZooPlatform.Artifact.Revisions;

/// <summary>One immutable snapshot of a repository.</summary>
internal sealed class Revision
{
    public required Guid RepositoryId { get; init; }
    /// <summary>The id git gives the same commit.</summary>
    public required string Id { get; init; }
    public required string? Parent { get; init; }
    public required string Tree { get; init; }
    public required string Message { get; init; }
    public required string Author { get; init; }
    public required Guid AuthorId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required int FileCount { get; init; }
    public required long SizeBytes { get; init; }
}

internal enum RefKind
{
    Branch,
    Tag,
}

/// <summary>A branch or a tag. They share one set of names, so that a name means one revision.</summary>
internal sealed class Ref
{
    public const string Main = "main";

    public required Guid RepositoryId { get; init; }
    public required string Name { get; init; }
    public required RefKind Kind { get; init; }
    public required string Revision { get; set; }
    public required DateTimeOffset UpdatedAt { get; set; }
}
