using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ZooPlatform.Gateway.Routes;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Gateway.Health;

/// <summary><c>/health</c> is that of the whole platform: <c>{"status": "Healthy", "services": {"artifact": "Healthy", ...}}</c>,
/// 200 while every service is ready, else 503.</summary>
internal static class ServiceHealth
{
    private const string Client = "health";

    public static void AddServiceHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient(Client, client => client.Timeout = TimeSpan.FromSeconds(3))
            .ConfigurePrimaryHttpMessageHandler(services => GuardedHandler.Create(services.GetRequiredService<IConfiguration>()));
        var checks = builder.Services.AddHealthChecks();
        foreach (var service in RouteTable.All.Select(route => route.Service).Distinct())
            checks.Add(new HealthCheckRegistration(service, services => new ReadyCheck(services, service), null, ["service"]));
        builder.Services.Configure<HealthCheckOptions>(options => options.ResponseWriter = WriteAsync);
    }

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(new
    {
        status = report.Status.ToString(),
        services = report.Entries.Where(entry => entry.Value.Tags.Contains("service")).ToDictionary(entry => entry.Key, entry => entry.Value.Status.ToString()),
    }, context.RequestAborted);

    private sealed class ReadyCheck(IServiceProvider services, string service) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient(Client);
                using var answer = await client.GetAsync(
                    new Uri(ServiceClients.AddressOf(services.GetRequiredService<IConfiguration>(), service), "/health"), cancellationToken);
                return answer.IsSuccessStatusCode ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy($"It answers {(int)answer.StatusCode}.");
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                return HealthCheckResult.Unhealthy(e.Message);
            }
        }
    }
}
