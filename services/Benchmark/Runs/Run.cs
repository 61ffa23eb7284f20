using System.Text.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;

namespace ZooPlatform.Benchmark.Runs;

/// <summary>One benchmark of one file of one revision on one device.</summary>
internal sealed class Run
{
    /// <summary>Who asked for a default run.</summary>
    public const string ByTheZoo = "zoo";

    public required Guid Id { get; init; }
    public required Guid RepositoryId { get; init; }
    public required string Revision { get; init; }
    public required string File { get; init; }
    public required string Sha256 { get; init; }

    /// <summary>Paths of the files that the weights lie in.</summary>
    public required string[] ExternalData { get; init; }
    public required RunSettings Settings { get; init; }

    /// <summary>The settings as one text, for the unique index of default runs.</summary>
    public required string SettingsKey { get; init; }
    public required bool IsDefault { get; init; }

    /// <summary>A user's id, or <see cref="ByTheZoo"/>.</summary>
    public required string RequestedBy { get; init; }
    public required Guid DeviceId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    public RunStatus Status { get; set; } = RunStatus.Queued;

    /// <summary>0 to 1.</summary>
    public double Progress { get; set; }
    public string? Message { get; set; }
    public RunResults? Results { get; set; }
    public int Attempts { get; set; }
    public Guid? LeaseHolder { get; set; }
    public DateTimeOffset? LeaseUntil { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }

    public static Run Of(
        Guid repositoryId, string revision, ModelFileState file, RunSettings settings, bool isDefault, string requestedBy, Guid deviceId, DateTimeOffset now) => new()
        {
            Id = Guid.CreateVersion7(now),
            RepositoryId = repositoryId,
            Revision = revision,
            File = file.Path,
            Sha256 = file.Sha256,
            ExternalData = [.. file.ExternalData],
            Settings = settings,
            SettingsKey = JsonSerializer.Serialize(settings, ZooJson.Options),
            IsDefault = isDefault,
            RequestedBy = requestedBy,
            DeviceId = deviceId,
            CreatedAt = now,
        };

    /// <summary>The run that every fit file gets once.</summary>
    public static Run Default(Guid repositoryId, string revision, ModelFileState file, Guid deviceId, DateTimeOffset now) =>
        Of(repositoryId, revision, file, new RunSettings(), isDefault: true, ByTheZoo, deviceId, now);
}

/// <summary>A run's raw samples: every counted call, in order of time.</summary>
internal sealed class RunSamples
{
    public required Guid RunId { get; init; }

    public required long[] LatenciesNs { get; init; }
}
