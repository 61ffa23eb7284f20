using ZooPlatform.Benchmark.Devices;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Benchmark.Runs;

/// <summary>A run with what its view names.</summary>
internal sealed class RunRow
{
    public required Run Run { get; init; }

    public required Repository Repository { get; init; }

    public required Device Device { get; init; }

    public RunView View() => new(
        Run.Id, Run.RepositoryId, Repository.Path, Run.Revision, Run.File, Run.Status, Run.Progress, Run.Message, Run.Settings,
        Device.View(), Run.Results, Run.CreatedAt, Run.StartedAt, Run.EndedAt);
}

internal static class RunQueries
{
    /// <summary>Runs of repositories that the caller may read.</summary>
    public static IQueryable<RunRow> VisibleRuns(this BenchmarkDb db, Caller caller) =>
        from repository in db.Repositories.VisibleTo(caller)
        join run in db.Runs on repository.Id equals run.RepositoryId
        join device in db.Devices on run.DeviceId equals device.Id
        select new RunRow { Run = run, Repository = repository, Device = device };
}
