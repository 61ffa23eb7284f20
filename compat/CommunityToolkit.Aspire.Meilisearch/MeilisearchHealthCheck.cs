using Meilisearch;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CommunityToolkit.Aspire.Meilisearch;

/// <summary>Healthy while the server says it is available.</summary>
internal sealed class MeilisearchHealthCheck(MeilisearchClient client) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await client.IsHealthyAsync(cancellationToken)
            ? HealthCheckResult.Healthy()
            : new HealthCheckResult(context.Registration.FailureStatus, "Meilisearch does not answer.");
}
