namespace ZooPlatform.Contracts.Benchmark;

/// <param name="Repository"><c>owner/name</c>.</param>
public sealed record CreateDeployment(string Repository, string? Revision = null, string? File = null);

/// <param name="Status"><c>starting</c>, <c>ready</c>, <c>stopped</c> or <c>failed</c>.</param>
public sealed record DeploymentView(
    Guid Id, Guid RepositoryId, string Repository, string Revision, string File, string Status, string? Message, DateTimeOffset CreatedAt,
    DateTimeOffset? LastUsedAt);
