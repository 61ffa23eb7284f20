using CommunityToolkit.Aspire.Meilisearch;
using Meilisearch;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a Meilisearch client by the name the AppHost gave the server.</summary>
public static class AspireMeilisearchExtensions
{
    private const string Section = "Aspire:Meilisearch:Client";

    /// <summary>Registers a singleton <see cref="MeilisearchClient"/> and its health check <c>Meilisearch</c>.</summary>
    /// <remarks>A missing connection string is reported by the first use, not here.</remarks>
    public static void AddMeilisearchClient(this IHostApplicationBuilder builder, string connectionName,
        Action<MeilisearchClientSettings>? configureSettings = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var settings = new MeilisearchClientSettings();
        builder.Configuration.GetSection(Section).Bind(settings);
        if (builder.Configuration.GetConnectionString(connectionName) is { } connectionString)
        {
            settings.ParseConnectionString(connectionString);
        }

        configureSettings?.Invoke(settings);
        builder.Services.AddSingleton(_ => settings.Endpoint is { } endpoint
            ? new MeilisearchClient(endpoint.ToString(), settings.MasterKey)
            : throw new InvalidOperationException(
                $"There is no address for Meilisearch '{connectionName}'. Set ConnectionStrings:{connectionName}, or Endpoint in {Section}."));

        if (!settings.DisableHealthChecks)
        {
            TimeSpan? timeout = settings.HealthCheckTimeout > 0 ? TimeSpan.FromMilliseconds(settings.HealthCheckTimeout.Value) : null;
            builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
                "Meilisearch", services => new MeilisearchHealthCheck(services.GetRequiredService<MeilisearchClient>()),
                failureStatus: null, tags: null, timeout));
        }
    }
}
