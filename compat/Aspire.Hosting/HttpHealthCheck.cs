using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Healthy while a GET answers with one status.</summary>
internal sealed class HttpHealthCheck(IHttpClientFactory clients, EndpointReference endpoint, string path, int status) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!endpoint.IsAllocated)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "No address yet.");
        }

        try
        {
            using var client = clients.CreateClient();
            using var response = await client.GetAsync(new Uri(new Uri(endpoint.Url), path), cancellationToken);
            return (int)response.StatusCode == status
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus,
                    string.Create(CultureInfo.InvariantCulture, $"GET {path} answered {(int)response.StatusCode}, expected {status}."));
        }
        catch (HttpRequestException e)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, e.Message, e);
        }
    }
}
