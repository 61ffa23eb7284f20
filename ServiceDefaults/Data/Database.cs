using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace ZooPlatform.ServiceDefaults.Data;

public static class Database
{
    /// <summary>Gives the service its database: the data source, a pooled <typeparamref name="TContext"/> on it, and migrations
    /// that run before the first request. They are the SQL files that the context's assembly embeds as
    /// <c>Migrations/NNNN_name.sql</c>.</summary>
    /// <param name="connectionName">As in the AppHost: <c>catalogdb</c>.</param>
    public static IHostApplicationBuilder AddDatabase<TContext>(this IHostApplicationBuilder builder, string connectionName)
        where TContext : DbContext
    {
        builder.AddNpgsqlDataSource(connectionName);
        builder.Services.AddDbContextPool<TContext>((services, options) =>
            options.UseNpgsql(services.GetRequiredService<NpgsqlDataSource>()));
        builder.Services.AddMigrations(MigrationScript.In(typeof(TContext).Assembly));
        builder.Services.Insert(0, ServiceDescriptor.Singleton<IHostedService, MigrationsAtStart>());
        return builder;
    }

    internal static void AddMigrations(this IServiceCollection services, IEnumerable<MigrationScript> scripts)
    {
        foreach (var script in scripts)
            if (!services.Any(service => service.ImplementationInstance is MigrationScript known && known.Name == script.Name))
                services.AddSingleton(script);
    }
}

/// <summary>One step of a database's history. Applied once, in order of name, and never changed afterwards.</summary>
internal sealed record MigrationScript(string Name, string Sql)
{
    public static IEnumerable<MigrationScript> In(Assembly assembly) =>
        assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal) && name.Contains("Migrations", StringComparison.Ordinal))
            .Select(name => Read(assembly, name, name.Split(['.', '/'])[^2]));

    public static MigrationScript Read(Assembly assembly, string resource, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new MigrationScript(name, reader.ReadToEnd());
    }
}
