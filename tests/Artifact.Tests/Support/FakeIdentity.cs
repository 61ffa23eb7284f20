using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>The little of Identity that Artifact asks for: owners by name, and their feed.</summary>
public sealed class FakeIdentity : IAsyncDisposable
{
    private readonly WebApplication _app;
    private Guid _feed = Guid.CreateVersion7();
    private readonly ConcurrentDictionary<Guid, Change<OwnerState>> _owners = new();
    private long _sequence;

    private FakeIdentity(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>The sequence of the last change.</summary>
    public long Sequence => Interlocked.Read(ref _sequence);

    /// <summary>Whether the feed tells anything; owners by name are answered always.</summary>
    public bool FeedRuns { get; set; }

    /// <summary>What subjects may do now; one who is not here may nothing.</summary>
    public ConcurrentDictionary<string, InternalClaims> Callers { get; } = new(StringComparer.Ordinal);

    public static async Task<FakeIdentity> StartAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.ConfigureHttpJsonOptions(options => ZooJson.Apply(options.SerializerOptions));
        var app = builder.Build();
        var identity = new FakeIdentity(app);
        app.MapGet("/internal/owners/by-name/{name}", IResult (string name) => identity._owners.Values
            .FirstOrDefault(owner => string.Equals(owner.State?.Name, name, StringComparison.OrdinalIgnoreCase)) is { } found
                ? Results.Ok(found.State) : Results.NotFound());
        app.MapPost("/internal/callers", IResult (CallerRequest asked) =>
            identity.Callers.TryGetValue(asked.Subject, out var claims) && claims.ClientId == asked.ClientId ? Results.Ok(claims) : Results.NotFound());
        app.MapGet("/internal/changes", async (long after, CancellationToken ct) =>
        {
            await Task.Delay(50, ct);
            var items = identity.FeedRuns
                ? identity._owners.Values.Where(owner => owner.Sequence > after).OrderBy(owner => owner.Sequence).Take(200).ToList() : [];
            return new ChangePage<OwnerState>(identity._feed, items.Count == 0 ? after : items[^1].Sequence, items);
        });
        await app.StartAsync();
        return identity;
    }

    public void Put(Guid id, OwnerKind kind, string name) =>
        _owners[id] = new(Interlocked.Increment(ref _sequence), id, "owner", false, new OwnerState(id, kind, name, null));

    /// <summary>Its database was restored: the same owners in another feed.</summary>
    public void Restore() => _feed = Guid.CreateVersion7();

    public void Delete(Guid id) => _owners[id] = new(Interlocked.Increment(ref _sequence), id, "owner", true, null);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
