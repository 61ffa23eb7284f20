using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Adds Redis.</summary>
public static class RedisBuilderExtensions
{
    private const string Image = "library/redis";
    private const string Tag = "8.6";
    private const string DataFolder = "/data";

    /// <summary>Adds a server; a password <c>&lt;name&gt;-password</c> is generated unless given.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name, int? port = null,
        IResourceBuilder<ParameterResource>? password = null)
    {
        // The password stands in a shell command, so it keeps to letters and digits.
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var server = new RedisResource(name, secret);
        var key = $"{name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(key, new RedisHealthCheck(server), failureStatus: null, tags: null));

        return builder.AddResource(server)
            .WithImage(Image, Tag)
            .WithEndpoint(port, targetPort: 6379, scheme: "redis", name: RedisResource.PrimaryEndpointName)
            .WithEntrypoint("/bin/sh")
            .WithEnvironment("REDIS_PASSWORD", secret)
            .WithArgs(context =>
            {
                context.Args.Add("-c");
                context.Args.Add("redis-server --requirepass $REDIS_PASSWORD" + Save(server));
            })
            .WithHealthCheck(key);
    }

    /// <summary>Writes a snapshot after this time (default 60 s) when so many keys have changed.</summary>
    public static IResourceBuilder<RedisResource> WithPersistence(this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null,
        long keysChangedThreshold = 1) =>
        builder.WithAnnotation(new RedisPersistenceAnnotation(interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold),
            ResourceAnnotationMutationBehavior.Replace);

    /// <summary>Keeps the server's data in a volume; without a name, in one of its own, and persistence on.</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false)
    {
        builder.WithVolume(name ?? VolumeName.Of(builder, "data"), DataFolder, isReadOnly);
        return isReadOnly || builder.Resource.Annotations.OfType<RedisPersistenceAnnotation>().Any() ? builder : builder.WithPersistence();
    }

    private static string Save(RedisResource server) => server.TryGetLastAnnotation<RedisPersistenceAnnotation>(out var persistence)
        ? string.Create(CultureInfo.InvariantCulture, $" --save {(long)persistence.Interval.TotalSeconds} {persistence.KeysChanged}")
        : "";
}

/// <summary>How often Redis writes a snapshot.</summary>
internal sealed record RedisPersistenceAnnotation(TimeSpan Interval, long KeysChanged) : IResourceAnnotation;
