using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Benchmark.Repositories;

/// <summary>A repository as Artifact's feed told it.</summary>
internal sealed class Repository : IReadable
{
    public required Guid Id { get; init; }
    public required Guid OwnerId { get; set; }
    public required OwnerKind OwnerKind { get; set; }
    public required string Owner { get; set; }
    public required string Name { get; set; }
    public required string[] Readers { get; set; }

    /// <summary>Users who were granted contributor or more in this repository alone.</summary>
    public required Guid[] Contributors { get; set; }

    /// <summary>The main branch's revision; null while the repository is empty.</summary>
    public string? Head { get; set; }

    public string Path => $"{Owner}/{Name}";

    /// <summary>May the caller measure it, or end its deployments?</summary>
    public bool MayBenchmark(Caller caller) =>
        caller.RoleIn(OwnerKind, OwnerId) >= Role.Contributor || (caller.UserId is { } user && Contributors.Contains(user));
}

/// <summary>A repository's model files as Catalog's feed told them.</summary>
internal sealed class Model
{
    /// <summary>The repository's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>The revision that was read; null: none yet.</summary>
    public string? Revision { get; set; }

    public required List<ModelFileState> Files { get; set; }
}
