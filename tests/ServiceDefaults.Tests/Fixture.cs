using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Data;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.ServiceDefaults.Tests;

public sealed class Thing : IReadable
{
    public Guid Id { get; init; }
    public string Name { get; set; } = "";
    public string[] Readers { get; init; } = [];
}

public sealed record ThingState(string Name);

public sealed class ThingsDb(DbContextOptions<ThingsDb> options) : DbContext(options)
{
    public DbSet<Thing> Things => Set<Thing>();

    protected override void OnModelCreating(ModelBuilder model) => model.Entity<Thing>(thing =>
    {
        thing.ToTable("things");
        thing.Property(t => t.Id).HasColumnName("id");
        thing.Property(t => t.Name).HasColumnName("name");
        thing.Property(t => t.Readers).HasColumnName("readers");
    });
}

/// <summary>A small service made of the defaults alone: it owns things and tells their changes.</summary>
public sealed class OwnerService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OwnerService(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.Single());

    public static async Task<OwnerService> StartAsync(string connectionString)
    {
        var builder = NewBuilder();
        builder.Configuration["ConnectionStrings:thingsdb"] = connectionString;
        builder.AddServiceDefaults();
        builder.AddDatabase<ThingsDb>("thingsdb");
        builder.AddFeed();
        var app = builder.Build();
        app.UseServiceDefaults();
        app.MapFeed<ThingsDb, ThingState>(Scopes.ArtifactReadAll, async (db, ids, ct) =>
            await db.Things.Where(thing => ids.Contains(thing.Id)).ToDictionaryAsync(thing => thing.Id, thing => new ThingState(thing.Name), ct));
        app.MapGet("/things", async (Caller caller, ThingsDb db, CancellationToken ct) =>
            await db.Things.VisibleTo(caller).OrderBy(thing => thing.Name).Select(thing => thing.Name).ToListAsync(ct)).RequireAuthorization(Policies.Read);
        app.MapPost("/things", (CreateOwned body) => body.Name).RequireAuthorization(Policies.Write);
        app.MapGet("/break", string () => throw new InvalidOperationException("secret")).RequireAuthorization(Policies.Open);
        Policies.RequireEverywhere(app);
        await app.StartAsync();
        return new OwnerService(app);
    }

    internal static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, EnvironmentName = Environments.Production });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration["Auth:Jwks"] = TestTokens.Jwks;
        builder.Configuration["services:identity:http:0"] = "http://127.0.0.1:9";
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        return builder;
    }

    public HttpClient As(string? token)
    {
        var client = new HttpClient { BaseAddress = Address };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async Task WriteAsync(Guid id, string? name, params string[] readers)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ThingsDb>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (name is null) await db.Things.Where(thing => thing.Id == id).ExecuteDeleteAsync();
        else await db.Database.ExecuteSqlAsync($"insert into things values ({id}, {name}, {readers}) on conflict (id) do update set name = excluded.name");
        await db.Database.TouchAsync(id, "thing", name is null, CancellationToken.None);
        await transaction.CommitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

public sealed record CreateOwned(string Name);
