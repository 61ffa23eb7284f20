using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Knows how every resource is, and tells those who watch. The orchestrator publishes.</summary>
public class ResourceNotificationService
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ResourceEvent> _latest = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<Channel<ResourceEvent>> _watchers = [];
    private readonly DistributedApplicationModel _model;

    internal ResourceNotificationService(DistributedApplicationModel model) => _model = model;

    /// <summary>Changes what is known of a resource; <paramref name="stateFactory"/> gets the snapshot as it was.</summary>
    public Task PublishUpdateAsync(IResource resource, Func<CustomResourceSnapshot, CustomResourceSnapshot> stateFactory)
    {
        lock (_gate)
        {
            var before = _latest.TryGetValue(resource.Name, out var known) ? known.Snapshot : First(resource);
            var now = new ResourceEvent(resource, resource.Name, stateFactory(before));
            _latest[resource.Name] = now;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(now);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>How every known resource is now, then each change. Ends only by <paramref name="cancellationToken"/>.</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var watcher = Channel.CreateUnbounded<ResourceEvent>();
        lock (_gate)
        {
            foreach (var known in _latest.Values)
            {
                watcher.Writer.TryWrite(known);
            }

            _watchers.Add(watcher);
        }

        try
        {
            await foreach (var change in watcher.Reader.ReadAllAsync(cancellationToken))
            {
                yield return change;
            }
        }
        finally
        {
            lock (_gate)
            {
                _watchers.Remove(watcher);
            }
        }
    }

    /// <summary>Waits until the resource is in a state; null: Running.</summary>
    public Task WaitForResourceAsync(string resourceName, string? targetState = null, CancellationToken cancellationToken = default) =>
        WaitForResourceAsync(resourceName, [targetState ?? KnownResourceStates.Running], cancellationToken);

    /// <summary>Waits until the resource is in one of the states, and says in which.</summary>
    public async Task<string> WaitForResourceAsync(string resourceName, IEnumerable<string> targetStates, CancellationToken cancellationToken = default)
    {
        var wanted = targetStates.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var reached = await WaitForResourceAsync(resourceName, change => change.Snapshot.State is { } state && wanted.Contains(state.Text), cancellationToken);
        return reached.Snapshot.State!.Text;
    }

    /// <summary>Waits until <paramref name="predicate"/> holds for the resource.</summary>
    public async Task<ResourceEvent> WaitForResourceAsync(string resourceName, Func<ResourceEvent, bool> predicate, CancellationToken cancellationToken = default)
    {
        await foreach (var change in WatchAsync(cancellationToken))
        {
            if (change.Resource.Name.Equals(resourceName, StringComparison.OrdinalIgnoreCase) && predicate(change))
            {
                return change;
            }
        }

        throw new OperationCanceledException($"Nobody publishes changes of '{resourceName}' any more.", cancellationToken);
    }

    /// <summary>Waits until the resource runs, is healthy and its ready handlers are done. A failure ends the wait.</summary>
    /// <inheritdoc cref="WaitForResourceHealthyAsync(string, WaitBehavior, CancellationToken)" path="/exception"/>
    public Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, CancellationToken cancellationToken = default) =>
        WaitForResourceHealthyAsync(resourceName, WaitBehavior.StopOnResourceUnavailable, cancellationToken);

    /// <summary>Waits until the resource runs, is healthy and its ready handlers are done.</summary>
    /// <exception cref="DistributedApplicationException">
    /// With <see cref="WaitBehavior.StopOnResourceUnavailable"/>: there is no such resource, or it will not become healthy any more.
    /// </exception>
    public async Task<ResourceEvent> WaitForResourceHealthyAsync(string resourceName, WaitBehavior waitBehavior, CancellationToken cancellationToken = default)
    {
        var stops = waitBehavior == WaitBehavior.StopOnResourceUnavailable;
        if (stops && !_model.Resources.Any(resource => resource.Name.Equals(resourceName, StringComparison.OrdinalIgnoreCase)))
        {
            throw new DistributedApplicationException(
                $"There is no resource '{resourceName}'. There are: {string.Join(", ", _model.Resources.Select(resource => resource.Name))}.");
        }

        var reached = await WaitForResourceAsync(resourceName, change =>
            change.Snapshot is { HealthStatus: HealthStatus.Healthy, ResourceReadyEvent: not null }
            || (stops && change.Snapshot.State is { } state && KnownResourceStates.TerminalStates.Contains(state.Text)), cancellationToken);

        if (reached.Snapshot.ResourceReadyEvent is not { } ready || reached.Snapshot.HealthStatus != HealthStatus.Healthy)
        {
            throw new DistributedApplicationException(
                $"'{resourceName}' did not become healthy: it is {reached.Snapshot.State?.Text}, exit code {reached.Snapshot.ExitCode?.ToString() ?? "none"}. Its log says why.");
        }

        await ready.EventTask.WaitAsync(cancellationToken);
        return reached;
    }

    /// <summary>What is known of a resource, if anything was published yet.</summary>
    public bool TryGetCurrentState(string resourceId, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ResourceEvent? resourceEvent)
    {
        lock (_gate)
        {
            return _latest.TryGetValue(resourceId, out resourceEvent);
        }
    }

    private static CustomResourceSnapshot First(IResource resource) => new()
    {
        ResourceType = resource.GetType().Name.Replace("Resource", "", StringComparison.Ordinal),
        HealthReports = [.. resource.Annotations.OfType<HealthCheckAnnotation>()
            .Select(check => new HealthReportSnapshot(check.Key, Status: null, Description: null, ExceptionText: null))],
    };
}
