using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Microsoft.Extensions.Hosting;

/// <summary>Registers a Redis connection by the name the AppHost gave the server.</summary>
public static class AspireRedisExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>Registers a singleton <see cref="IConnectionMultiplexer"/>, connected at first use, and its health check
    /// <c>StackExchange.Redis</c>.</summary>
    /// <remarks>
    /// A server that is away is no error (<c>AbortOnConnectFail</c> is false): the connection keeps trying. A missing
    /// connection string is reported by the first use, not here.
    /// </remarks>
    public static void AddRedisClient(this IHostApplicationBuilder builder, string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null, Action<ConfigurationOptions>? configureOptions = null)
    {
        var settings = Read(builder, connectionName, configureSettings);
        builder.Services.AddSingleton(_ => Connect(builder.Configuration, settings, connectionName, configureOptions));
        AddHealthCheck(builder, settings, "StackExchange.Redis", services => services.GetRequiredService<IConnectionMultiplexer>());
    }

    /// <summary>Registers a keyed <see cref="IConnectionMultiplexer"/> under <paramref name="name"/> and its health check
    /// <c>StackExchange.Redis_&lt;name&gt;</c>.</summary>
    /// <inheritdoc cref="AddRedisClient" path="/remarks"/>
    public static void AddKeyedRedisClient(this IHostApplicationBuilder builder, string name,
        Action<StackExchangeRedisSettings>? configureSettings = null, Action<ConfigurationOptions>? configureOptions = null)
    {
        var settings = Read(builder, name, configureSettings);
        builder.Services.AddKeyedSingleton(name, (_, _) => Connect(builder.Configuration, settings, name, configureOptions));
        AddHealthCheck(builder, settings, $"StackExchange.Redis_{name}", services => services.GetRequiredKeyedService<IConnectionMultiplexer>(name));
    }

    private static StackExchangeRedisSettings Read(IHostApplicationBuilder builder, string name, Action<StackExchangeRedisSettings>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(name);

        var settings = new StackExchangeRedisSettings();
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

    private static IConnectionMultiplexer Connect(IConfiguration configuration, StackExchangeRedisSettings settings, string name,
        Action<ConfigurationOptions>? configure)
    {
        if (string.IsNullOrEmpty(settings.ConnectionString))
        {
            throw new InvalidOperationException(
                $"There is no connection string for Redis '{name}'. Set ConnectionStrings:{name}, or ConnectionString in {Section} or {Section}:{name}.");
        }

        var options = ConfigurationOptions.Parse(settings.ConnectionString);
        options.AbortOnConnectFail = false;
        configuration.GetSection($"{Section}:ConfigurationOptions").Bind(options);
        configuration.GetSection($"{Section}:{name}:ConfigurationOptions").Bind(options);
        configure?.Invoke(options);
        return ConnectionMultiplexer.Connect(options);
    }

    private static void AddHealthCheck(IHostApplicationBuilder builder, StackExchangeRedisSettings settings, string name,
        Func<IServiceProvider, IConnectionMultiplexer> connection)
    {
        if (settings.DisableHealthChecks)
        {
            return;
        }

        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            name, services => new RedisHealthCheck(connection(services)), failureStatus: null, tags: null));
    }
}
