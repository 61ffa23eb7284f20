using ZooPlatform.Contracts.Benchmark;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>A model revision loaded for inference, or that was.</summary>
internal sealed class Deployment
{
    public const string Starting = "starting";
    public const string Ready = "ready";
    public const string Stopped = "stopped";
    public const string Failed = "failed";

    public required Guid Id { get; init; }
    public required Guid RepositoryId { get; init; }
    public required string Revision { get; init; }
    public required string File { get; init; }
    public required string Sha256 { get; init; }
    public required string[] ExternalData { get; init; }
    public required string RequestedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public string Status { get; set; } = Starting;
    public string? Message { get; set; }
    public DateTimeOffset? LastUsedAt { get; set; }

    public DeploymentView View(string repository) =>
        new(Id, RepositoryId, repository, Revision, File, Status, Message, CreatedAt, LastUsedAt);
}
