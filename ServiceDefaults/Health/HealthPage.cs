using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.ServiceDefaults.Health;

/// <summary>How a service is: <c>GET /health</c>. 200 while it can do its work, also when a part is <c>Degraded</c>; else 503.</summary>
/// <param name="Status"><c>Healthy</c>, <c>Degraded</c> or <c>Unhealthy</c>: that of the worst part.</param>
/// <param name="Parts">What it needs, by name: <c>PostgreSql</c>, <c>Meilisearch</c>, <c>disk</c>, <c>feed-artifact</c>. Not for strangers:
/// the gateway shows them to administrators alone.</param>
public sealed record HealthView(string Status, IReadOnlyDictionary<string, HealthPartView>? Parts = null);

/// <param name="Detail">What is wrong with it, when something is; else what is worth knowing.</param>
public sealed record HealthPartView(string Status, string? Detail = null, IReadOnlyDictionary<string, HealthPartView>? Parts = null);

public static class HealthPage
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    internal static void AddHealthPage(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FeedStates>();
        var checks = builder.Services.AddHealthChecks()
            .AddCheck("self", () => HealthCheckResult.Healthy(), ["live"])
            .AddCheck<FeedsCheck>("feeds", HealthStatus.Degraded);
        // What hangs is told as what it is, in time for whoever asks.
        builder.Services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var check in options.Registrations)
                if (check.Timeout == Timeout.InfiniteTimeSpan) check.Timeout = s_patience;
        });
        if (builder.Configuration["Platform:DataFolder"] is { Length: > 0 } data) checks.AddCheck("disk", () => DiskSpace.Check(data));
    }

    /// <summary>The check for the services of a platform's pages is the gateway's business: it maps its own.</summary>
    internal static void MapHealthPage(this WebApplication app)
    {
        var options = new HealthCheckOptions { ResponseWriter = WriteAsync, AllowCachingResponses = false };
        if (app.Services.GetService<HealthAnswer>() is { } answer) options.ResponseWriter = (context, report) => answer(context, report);
        app.MapHealthChecks("/health", options).RequireAuthorization(Policies.Open);
        app.MapHealthChecks("/alive", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") }).RequireAuthorization(Policies.Open);
    }

    public static IReadOnlyDictionary<string, HealthPartView> PartsOf(HealthReport report) => report.Entries
        .Where(entry => entry.Key != "self")
        .ToDictionary(entry => entry.Key, entry => new HealthPartView(
            entry.Value.Status.ToString(),
            (entry.Value.Description ?? entry.Value.Exception?.Message) is { } detail ? LogText.Of(detail) : entry.Value.Status == HealthStatus.Healthy ? null : "It does not answer.",
            entry.Value.Data.GetValueOrDefault("parts") as IReadOnlyDictionary<string, HealthPartView>));

    private static Task WriteAsync(HttpContext context, HealthReport report) => context.Response.WriteAsJsonAsync(
        new HealthView(report.Status.ToString(), PartsOf(report)), ZooJson.Options, context.RequestAborted);
}

/// <summary>Writes <c>/health</c> in a service that does it its own way.</summary>
public delegate Task HealthAnswer(HttpContext context, HealthReport report);
