using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using ZooPlatform.Contracts;
using ZooPlatform.Gateway.Callers;
using ZooPlatform.Gateway.Routes;
using ZooPlatform.ServiceDefaults.Health;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Gateway.Health;

/// <summary><c>/health</c> is that of the whole platform: <c>{"status": "Healthy"}</c>, 200 while every service can do its work, else 503.
/// An administrator's token also sees the services and their parts.</summary>
internal static class ServiceHealth
{
    internal const string Client = "health";
    private static readonly ZooRoute s_page = new("gateway", "/health");

    public static void AddServiceHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpClient(Client, client => client.Timeout = TimeSpan.FromSeconds(4))
            .ConfigurePrimaryHttpMessageHandler(services => GuardedHandler.Create(services.GetRequiredService<IConfiguration>()));
        var checks = builder.Services.AddHealthChecks();
        foreach (var service in RouteTable.All.Select(route => route.Service).Distinct())
            checks.Add(new HealthCheckRegistration(service, services => new ReadyCheck(services, service), null, null, TimeSpan.FromSeconds(5)));   // longer than its own checks take
        builder.Services.AddSingleton<HealthAnswer>(WriteAsync);
    }

    private static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        var status = report.Status.ToString();
        object answer = await IsAdministratorAsync(context) ? new HealthView(status, HealthPage.PartsOf(report)) : new { status };
        await context.Response.WriteAsJsonAsync(answer, answer.GetType(), ZooJson.Options, context.RequestAborted);
    }

    /// <remarks>The token comes from Identity itself over the platform's own connection: there is nothing to check but what it says.</remarks>
    private static async Task<bool> IsAdministratorAsync(HttpContext context)
    {
        var cookie = context.RequestServices.GetRequiredService<IOptions<PlatformOptions>>().Value.SessionCookie;
        if (Credential.Of(context.Request, s_page, cookie) is not { } credential || credential == Credential.Anonymous) return false;
        return await context.RequestServices.GetRequiredService<CallerTokens>().SwapAsync(credential, context.RequestAborted) is SwapOutcome.Swapped { Token: var token }
            && token.Split('.') is [_, var payload, _]
            && JsonDocument.Parse(WebEncoders.Base64UrlDecode(payload)).RootElement.TryGetProperty("admin", out var admin) && admin.GetBoolean();
    }

    private sealed class ReadyCheck(IServiceProvider services, string service) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            try
            {
                using var client = services.GetRequiredService<IHttpClientFactory>().CreateClient(Client);
                using var answer = await client.GetAsync(
                    new Uri(ServiceClients.AddressOf(services.GetRequiredService<IConfiguration>(), service), "/health"), cancellationToken);
                var said = await SaidAsync(answer, cancellationToken);
                var parts = said?.Parts is { } known ? new Dictionary<string, object> { ["parts"] = known } : null;
                if (!answer.IsSuccessStatusCode) return HealthCheckResult.Unhealthy($"It answers {(int)answer.StatusCode}.", data: parts);
                return said?.Status == "Degraded" ? HealthCheckResult.Degraded("A part of it is not well.", data: parts) : HealthCheckResult.Healthy(data: parts);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                return HealthCheckResult.Unhealthy(e.Message);
            }
        }

        private static async Task<HealthView?> SaidAsync(HttpResponseMessage answer, CancellationToken ct)
        {
            try
            {
                return await answer.Content.ReadFromJsonAsync<HealthView>(ZooJson.Options, ct);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
