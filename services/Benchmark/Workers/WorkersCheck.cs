using Microsoft.Extensions.Diagnostics.HealthChecks;
using ZooPlatform.Benchmark.Devices;

namespace ZooPlatform.Benchmark.Workers;

/// <summary>The part <c>workers</c> of <c>/health</c>: what isolation they run in. Without any worker the service does not start.</summary>
internal sealed class WorkersCheck(ThisDevice device) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(HealthCheckResult.Healthy(string.Join("; ", device.Sandbox.Limits)));
}
