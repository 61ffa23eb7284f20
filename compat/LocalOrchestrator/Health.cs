using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ZooPlatform.LocalOrchestrator;

/// <summary>Runs the health checks that the model names for a resource.</summary>
internal sealed class Health(IServiceProvider services)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, HealthCheckRegistration> _checks =
        services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations.ToDictionary(r => r.Name);

    public async Task<ImmutableArray<HealthReportSnapshot>> CheckAsync(IResource resource, CancellationToken ct)
    {
        var keys = resource.Annotations.OfType<HealthCheckAnnotation>().Select(a => a.Key).Distinct();
        return [.. await Task.WhenAll(keys.Select(key => RunAsync(key, ct)))];
    }

    private async Task<HealthReportSnapshot> RunAsync(string key, CancellationToken ct)
    {
        if (!_checks.TryGetValue(key, out var registration))
        {
            throw new DistributedApplicationException($"No health check is registered under '{key}', which the model names.");
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_patience);
        try
        {
            var check = registration.Factory(services);
            var result = await check.CheckHealthAsync(new HealthCheckContext { Registration = registration }, limit.Token);
            return new HealthReportSnapshot(key, result.Status, result.Description, result.Exception?.Message);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            return new HealthReportSnapshot(key, HealthStatus.Unhealthy, null, e.Message);
        }
    }
}
