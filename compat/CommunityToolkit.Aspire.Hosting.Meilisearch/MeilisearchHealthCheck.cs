using System.Data.Common;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Healthy while the server's health route says so.</summary>
internal sealed class MeilisearchHealthCheck(IHttpClientFactory clients, IResourceWithConnectionString resource) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var address = Address(await resource.GetConnectionStringAsync(cancellationToken));
            using var client = clients.CreateClient();
            using var response = await client.GetAsync(new Uri(address, "health"), cancellationToken);
            return response.IsSuccessStatusCode
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, $"GET /health answered {response.StatusCode}.");
        }
        catch (HttpRequestException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
    }

    /// <summary>A connection string is a plain URL, or <c>Endpoint=...;MasterKey=...</c>.</summary>
    private static Uri Address(string? connectionString) =>
        Uri.TryCreate(connectionString, UriKind.Absolute, out var plain)
            ? plain
            : new Uri((string)new DbConnectionStringBuilder { ConnectionString = connectionString }["Endpoint"]);
}
