using Aspire.Npgsql;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a pool of PostgreSQL connections by the name the AppHost gave the database.</summary>
public static class AspirePostgreSqlNpgsqlExtensions
{
    private const string Section = "Aspire:Npgsql";

    /// <summary>Registers a singleton <see cref="NpgsqlDataSource"/> and its health check <c>PostgreSql</c>.</summary>
    /// <remarks>A missing connection string is reported by the first use, not here.</remarks>
    public static void AddNpgsqlDataSource(this IHostApplicationBuilder builder, string connectionName,
        Action<NpgsqlSettings>? configureSettings = null, Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        var settings = Read(builder, connectionName, configureSettings);
        builder.Services.AddSingleton(services => Build(services, settings, connectionName, configureDataSourceBuilder));
        AddHealthCheck(builder, settings, "PostgreSql", services => services.GetRequiredService<NpgsqlDataSource>());
    }

    /// <summary>Registers a keyed <see cref="NpgsqlDataSource"/> under <paramref name="name"/> and its health check
    /// <c>PostgreSql_&lt;name&gt;</c>.</summary>
    /// <inheritdoc cref="AddNpgsqlDataSource" path="/remarks"/>
    public static void AddKeyedNpgsqlDataSource(this IHostApplicationBuilder builder, string name,
        Action<NpgsqlSettings>? configureSettings = null, Action<NpgsqlDataSourceBuilder>? configureDataSourceBuilder = null)
    {
        var settings = Read(builder, name, configureSettings);
        builder.Services.AddKeyedSingleton(name, (services, _) => Build(services, settings, name, configureDataSourceBuilder));
        AddHealthCheck(builder, settings, $"PostgreSql_{name}", services => services.GetRequiredKeyedService<NpgsqlDataSource>(name));
    }

    private static NpgsqlSettings Read(IHostApplicationBuilder builder, string name, Action<NpgsqlSettings>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        var settings = new NpgsqlSettings();
        var section = builder.Configuration.GetSection(Section);
        section.Bind(settings);
        section.GetSection(name).Bind(settings);
        if (builder.Configuration.GetConnectionString(name) is { } connectionString)
        {
            settings.ConnectionString = connectionString;
        }

        configure?.Invoke(settings);
        return settings;
    }

    private static NpgsqlDataSource Build(IServiceProvider services, NpgsqlSettings settings, string name,
        Action<NpgsqlDataSourceBuilder>? configure)
    {
        if (string.IsNullOrEmpty(settings.ConnectionString))
        {
            throw new InvalidOperationException(
                $"There is no connection string for the database '{name}'. Set ConnectionStrings:{name}, or ConnectionString in {Section} or {Section}:{name}.");
        }

        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UseLoggerFactory(services.GetService<ILoggerFactory>());
        configure?.Invoke(builder);
        return builder.Build();
    }

    private static void AddHealthCheck(IHostApplicationBuilder builder, NpgsqlSettings settings, string name,
        Func<IServiceProvider, NpgsqlDataSource> dataSource)
    {
        if (settings.DisableHealthChecks)
        {
            return;
        }

        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            name, services => new NpgsqlHealthCheck(dataSource(services)), failureStatus: null, tags: null));
    }
}
