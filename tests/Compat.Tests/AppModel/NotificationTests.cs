using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ZooPlatform.Compat.Tests.AppModel;

public sealed class NotificationTests
{
    private readonly IResourceBuilder<ExecutableResource> _worker;
    private readonly ResourceNotificationService _notifications;
    private readonly CancellationToken _soon = new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    public NotificationTests()
    {
        var builder = DistributedApplication.CreateBuilder();
        _worker = builder.AddExecutable("worker", "true", "/").WithHealthCheck("first").WithHealthCheck("second");
        _notifications = builder.Build().ResourceNotifications;
    }

    [Fact]
    public async Task A_resource_is_healthy_when_it_runs_all_checks_pass_and_its_ready_handlers_are_done()
    {
        var handlers = new TaskCompletionSource();
        var healthy = _notifications.WaitForResourceHealthyAsync("worker", _soon);

        await Publish(snapshot => snapshot with { State = KnownResourceStates.Running });
        await Report("first", HealthStatus.Healthy);
        Assert.Equal(HealthStatus.Unhealthy, Current().HealthStatus);
        await Report("second", HealthStatus.Healthy);
        Assert.Equal(HealthStatus.Healthy, Current().HealthStatus);
        await Publish(snapshot => snapshot with { ResourceReadyEvent = new EventSnapshot(handlers.Task) });
        Assert.False(healthy.IsCompleted);

        handlers.SetResult();
        Assert.Equal(_worker.Resource, (await healthy).Resource);
    }

    [Fact]
    public async Task A_resource_that_failed_ends_the_wait_with_its_state_and_exit_code()
    {
        var healthy = _notifications.WaitForResourceHealthyAsync("worker", _soon);

        await Publish(snapshot => snapshot with { State = KnownResourceStates.FailedToStart, ExitCode = 7 });

        var failed = await Assert.ThrowsAsync<DistributedApplicationException>(() => healthy);
        Assert.Contains("FailedToStart", failed.Message);
        Assert.Contains("7", failed.Message);
    }

    [Fact]
    public async Task Waiting_for_an_unknown_resource_names_those_there_are()
    {
        var unknown = await Assert.ThrowsAsync<DistributedApplicationException>(() => _notifications.WaitForResourceHealthyAsync("wrker", _soon));

        Assert.Contains("worker", unknown.Message);
    }

    private Task Publish(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => _notifications.PublishUpdateAsync(_worker.Resource, change);

    private Task Report(string key, HealthStatus status) => Publish(snapshot => snapshot with
    {
        HealthReports = [.. snapshot.HealthReports.Select(report => report.Name == key ? report with { Status = status } : report)],
    });

    private CustomResourceSnapshot Current()
    {
        Assert.True(_notifications.TryGetCurrentState("worker", out var current));
        return current.Snapshot;
    }
}
