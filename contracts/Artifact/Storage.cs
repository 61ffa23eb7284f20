namespace ZooPlatform.Contracts.Artifact;

/// <param name="DryRun">Say what would be deleted, and delete nothing.</param>
public sealed record SweepStorage(bool DryRun = true);

public enum SweepState
{
    Running,
    Done,
    /// <summary>It broke.</summary>
    Failed,
    /// <summary>The service ended meanwhile. Nothing is lost by that; the next sweep finds what is left.</summary>
    Interrupted,
}

/// <summary>A sweep: how far it is, or what it came to.</summary>
/// <param name="Step">What it is at, in words.</param>
/// <param name="BlobCount">Blobs found to be garbage, as far as it is known.</param>
/// <param name="DoneCount">Of those, deleted by now.</param>
/// <param name="Report">Null unless it is done.</param>
/// <param name="Error">Why it failed.</param>
public sealed record SweepView(
    Guid Id, bool DryRun, SweepState State, string Step, int BlobCount, int DoneCount, DateTimeOffset BegunAt, DateTimeOffset? EndedAt,
    GarbageReport? Report = null, string? Error = null);

/// <summary>What a sweep deleted, or would delete.</summary>
/// <param name="Before">What was unreferenced before this time: now less the grace.</param>
/// <param name="Blobs">The largest, at most 1,000.</param>
public sealed record GarbageReport(bool DryRun, DateTimeOffset Before, int RevisionCount, int BlobCount, long SizeBytes, IReadOnlyList<GarbageBlob> Blobs);

/// <param name="Why">A clause, such as <c>its repository was deleted</c>.</param>
/// <param name="Since">Since when nothing referred to it.</param>
public sealed record GarbageBlob(string Sha256, long SizeBytes, string Why, DateTimeOffset Since);

/// <summary>What a repository or an owner's repositories hold.</summary>
/// <param name="RevisionCount">Revisions.</param>
/// <param name="LogicalBytes">Each revision's files counted whole.</param>
/// <param name="PhysicalBytes">Distinct blobs, each counted once.</param>
/// <param name="SharedBytes">Of those, what other repositories that the caller may read hold too.</param>
/// <param name="FreedBytes">What deleting it would free after the grace, as far as the caller can see: what others hold privately stays, and is not told.</param>
public sealed record StorageView(int RevisionCount, long LogicalBytes, long PhysicalBytes, long SharedBytes, long FreedBytes);

/// <summary>What an owner's repositories hold.</summary>
/// <param name="UsedBytes">What counts towards the quota: distinct blobs, committed or sent, and uploads under way.</param>
/// <param name="QuotaBytes">Null: no limit.</param>
public sealed record OwnerStorageView(
    string Owner, int RepositoryCount, int RevisionCount, long LogicalBytes, long PhysicalBytes, long SharedBytes, long FreedBytes, long UsedBytes, long? QuotaBytes);

/// <param name="LimitBytes">Null: no limit, whatever the zoo's default is.</param>
public sealed record SetQuota(long? LimitBytes);

/// <param name="UsedBytes">What counts towards it now.</param>
public sealed record QuotaView(string Owner, long UsedBytes, long? LimitBytes);
