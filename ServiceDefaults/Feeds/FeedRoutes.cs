using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Data;

namespace ZooPlatform.ServiceDefaults.Feeds;

/// <summary>What the subjects of a feed are now. A subject that is missing in the answer is gone.</summary>
public delegate Task<IReadOnlyDictionary<Guid, TState>> LoadStates<TContext, TState>(
    TContext db, IReadOnlyList<Guid> subjects, CancellationToken ct);

public static class FeedRoutes
{
    /// <summary>The owner's side: its tables and the signal that wakes waiting readers.</summary>
    public static IHostApplicationBuilder AddFeed(this IHostApplicationBuilder builder)
    {
        builder.Services.AddMigrations([MigrationScript.Read(typeof(FeedRoutes).Assembly, "0000_feed.sql", "0000_feed")]);
        builder.Services.AddSingleton<FeedSignal>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FeedSignal>());
        return builder;
    }

    /// <summary><c>GET /internal/changes?after=N&amp;wait=20&amp;limit=100</c>: what changed after a sequence, waiting up to
    /// <c>wait</c> seconds (0 to 30) for something to change.</summary>
    /// <param name="scope">The scope a reading service's token needs.</param>
    public static void MapFeed<TContext, TState>(this IEndpointRouteBuilder routes, string scope, LoadStates<TContext, TState> load)
        where TContext : DbContext
        where TState : class =>
        routes.MapGet("/internal/changes", new FeedPages<TContext, TState>(load).AnswerAsync)
            .RequireAuthorization(Policies.Service(scope)).ExcludeFromDescription();
}

internal sealed class FeedPages<TContext, TState>(LoadStates<TContext, TState> load)
    where TContext : DbContext
    where TState : class
{
    // A plain request delegate: the framework's analyzer does not survive a generic handler.
    public async Task AnswerAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var page = await ReadAsync(
            services.GetRequiredService<TContext>(), services.GetRequiredService<FeedSignal>(), services.GetRequiredService<IHostApplicationLifetime>(),
            Number(context, "after", 0), Number(context, "wait", 0), Number(context, "limit", 100), context.RequestAborted);
        await context.Response.WriteAsJsonAsync(page, ZooJson.Options, context.RequestAborted);
    }

    private static long Number(HttpContext context, string name, long absent) =>
        !context.Request.Query.TryGetValue(name, out var text) ? absent
        : long.TryParse(text, out var number) && number >= 0 ? number
        : throw new BadHttpRequestException($"'{name}' is a whole number, not '{text}'.");

    private async Task<ChangePage<TState>> ReadAsync(
        TContext db, FeedSignal signal, IHostApplicationLifetime lifetime, long after, long wait, long limit, CancellationToken ct)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
        var patience = TimeSpan.FromSeconds(Math.Clamp(wait, 0, 30));
        var changed = signal.Next();
        var (feed, rows) = await ReadAsync(db, after, limit, ct);
        if (rows.Count == 0 && patience > TimeSpan.Zero)
        {
            await FeedSignal.WaitAsync(changed, patience, stopping.Token);
            (feed, rows) = await ReadAsync(db, after, limit, ct);
        }
        var states = await load(db, [.. rows.Where(row => !row.Deleted).Select(row => row.Subject)], ct);
        var items = rows.Select(row => states.TryGetValue(row.Subject, out var state) && !row.Deleted
            ? new Change<TState>(row.Sequence, row.Subject, row.Kind, false, state)
            : new Change<TState>(row.Sequence, row.Subject, row.Kind, true, null)).ToList();
        return new ChangePage<TState>(feed, items.Count == 0 ? after : items[^1].Sequence, items);
    }

    private static async Task<(Guid Feed, List<Row> Rows)> ReadAsync(DbContext db, long after, long limit, CancellationToken ct)
    {
        var feed = await db.Database.SqlQuery<Guid>($"select id as \"Value\" from feed").SingleAsync(ct);
        var rows = await db.Database.SqlQuery<Row>($"""
            select sequence as "Sequence", subject as "Subject", kind as "Kind", deleted as "Deleted"
            from changes where sequence > {after} order by sequence limit {Math.Clamp(limit, 1, 1000)}
            """).ToListAsync(ct);
        return (feed, rows);
    }

    private sealed record Row(long Sequence, Guid Subject, string Kind, bool Deleted);
}
