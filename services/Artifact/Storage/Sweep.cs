using System.Text.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact.Storage;

/// <summary>A sweep of garbage as a job: what it is at, and what it came to.</summary>
internal sealed class Sweep
{
    /// <summary>The step of one that was asked for and has not begun.</summary>
    public const string Waiting = "waiting";

    public required Guid Id { get; init; }
    public required bool DryRun { get; init; }
    /// <summary>Null: nobody, it was time.</summary>
    public string? AskedBy { get; init; }
    public required SweepState State { get; init; }
    /// <summary>What it is at, or was at when it ended.</summary>
    public required string Step { get; init; }
    public int BlobCount { get; init; }
    public int DoneCount { get; init; }
    public required DateTimeOffset BegunAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>A <see cref="GarbageReport"/> as JSON.</summary>
    public string? Report { get; init; }
    public string? Error { get; init; }

    public SweepView View => new(Id, DryRun, State, Step, BlobCount, DoneCount, BegunAt, EndedAt,
        Report is null ? null : JsonSerializer.Deserialize<GarbageReport>(Report, ZooJson.Options), Error);
}

/// <summary>How far a sweep is.</summary>
/// <param name="Found">Blobs that are garbage, as far as it is known.</param>
/// <param name="Done">Of those, deleted.</param>
internal readonly record struct SweepProgress(string Step, int Found = 0, int Done = 0);
