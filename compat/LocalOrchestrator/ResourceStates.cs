using Microsoft.Extensions.Diagnostics.HealthChecks;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator;

/// <summary>Tells how one resource is: to those who wait inside the AppHost, on the console, and in platform.json.</summary>
/// <remarks>
/// platform.json says <c>waiting</c>, <c>starting</c>, <c>running</c> (and healthy), <c>unhealthy</c>, <c>finished</c>,
/// <c>failed</c> or <c>exited</c>.
/// </remarks>
internal sealed class ResourceStates(IResource resource, Surroundings around)
{
    private int? _pid;
    private string _written = "";

    public Task WaitingAsync() => ChangeAsync(KnownResourceStates.Waiting, "waiting");

    public Task StartingAsync() => ChangeAsync(KnownResourceStates.Starting, "starting");

    /// <summary>A process runs (or none is needed); what it is worth the health checks will say, which begin anew.</summary>
    public Task RunningAsync(int? pid)
    {
        _pid = pid;
        Write("starting");
        return around.Notifications.PublishUpdateAsync(resource, s => s with
        {
            State = KnownResourceStates.Running,
            HealthReports = [.. s.HealthReports.Select(report => report with { Status = null })],
        });
    }

    public Task DiedAsync(int exitCode)
    {
        _pid = null;
        return ChangeAsync(KnownResourceStates.Starting, "starting", exitCode);
    }

    public Task EndedAsync(int? exitCode = null)
    {
        _pid = null;
        return ChangeAsync(KnownResourceStates.Exited, "exited", exitCode);
    }

    public Task FinishedAsync(int? exitCode)
    {
        _pid = null;
        around.Console.Say(resource.Name, "finished");
        return ChangeAsync(KnownResourceStates.Finished, "finished", exitCode);
    }

    public Task FailedAsync(string reason)
    {
        _pid = null;
        around.Console.Say(resource.Name, "failed: " + reason);
        return ChangeAsync(KnownResourceStates.FailedToStart, "failed");
    }

    public async Task ReportAsync(IReadOnlyList<HealthReportSnapshot> reports)
    {
        await around.Notifications.PublishUpdateAsync(resource, s => s with { HealthReports = [.. reports] });
        var wrong = reports.FirstOrDefault(report => report.Status != HealthStatus.Healthy);
        if (wrong is null)
        {
            if (_written != "running")
            {
                around.Console.Say(resource.Name, Port is { } port ? $"ready on port {port}" : "ready");
            }
            Write("running");
        }
        else if (_written == "running")
        {
            around.Console.Say(resource.Name, $"not healthy: {wrong.Description ?? wrong.ExceptionText ?? wrong.Name}");
            Write("unhealthy");
        }
    }

    private int? Port => resource.Annotations.OfType<EndpointAnnotation>().FirstOrDefault()?.AllocatedEndpoint?.Port;

    private Task ChangeAsync(string state, string written, int? exitCode = null)
    {
        Write(written);
        return around.Notifications.PublishUpdateAsync(resource, s => s with { State = state, ExitCode = exitCode ?? s.ExitCode });
    }

    private void Write(string state)
    {
        _written = state;
        around.Data.PlatformFile.Update(
            resource.Name, new PlatformResource(state, _pid, Port, _pid is { } pid ? ProcessIdentity.Of(pid) : null));
    }
}
