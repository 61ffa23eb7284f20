using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xunit;
using Xunit.Abstractions;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Feeds;
using ZooPlatform.ServiceDefaults.Data;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.ServiceDefaults.Tests;

/// <summary>Alone in the process: how memory grows is asked of all of it.</summary>
[Collection(nameof(FeedTests))]
[CollectionDefinition(nameof(FeedTests), DisableParallelization = true)]
public sealed class FeedTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly string s_reader = TestTokens.Service("catalog", Scopes.ArtifactReadAll);
    private string _database = "";
    private OwnerService _owner = null!;

    public async Task InitializeAsync()
    {
        _database = await (await PostgresServer.Shared).CreateDatabaseAsync();
        _owner = await OwnerService.StartAsync(_database);
    }

    public async Task DisposeAsync() => await _owner.DisposeAsync();

    [Fact]
    public async Task A_feed_tells_each_subject_once_in_its_newest_state_and_tombstones_what_is_gone()
    {
        var (kept, gone) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await _owner.WriteAsync(kept, "first");
        await _owner.WriteAsync(gone, "goes");
        await _owner.WriteAsync(kept, "second");
        await _owner.WriteAsync(gone, null);
        var page = await PageAsync(0);
        Assert.Equal([(kept, "second", false), (gone, null, true)], page.Items.Select(item => (item.Subject, item.State?.Name, item.Deleted)));
        Assert.Empty((await PageAsync(page.Next)).Items);
    }

    [Fact]
    public async Task Only_a_service_with_the_scope_reads_a_feed()
    {
        using var outsider = await _owner.As(TestTokens.User(Guid.CreateVersion7(), "ada", administrator: true)).GetAsync("/internal/changes");
        Assert.Equal(HttpStatusCode.Forbidden, outsider.StatusCode);
        using var other = await _owner.As(TestTokens.Service("catalog", Scopes.CatalogReadAll)).GetAsync("/internal/changes");
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
    }

    [Fact]
    public async Task A_waiting_reader_wakes_when_something_changes()
    {
        await PageAsync(0);
        var clock = Stopwatch.StartNew();
        var waiting = PageAsync(0, wait: 20);
        await Task.Delay(300);
        await _owner.WriteAsync(Guid.CreateVersion7(), "news");
        Assert.Single((await waiting).Items);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public async Task Eight_writers_leave_no_gap_behind_a_reader_that_keeps_up()
    {
        var written = new ConcurrentDictionary<Guid, string>();
        var subjects = Enumerable.Range(0, 40).Select(_ => Guid.CreateVersion7()).ToArray();
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            for (var i = 0; i < 40; i++) await _owner.WriteAsync(subjects[(writer * 5 + i) % subjects.Length], $"{writer}-{i}");
        }));
        var seen = new Dictionary<Guid, string>();
        var cursor = 0L;
        while (true)
        {
            var done = writing.IsCompleted;
            var page = await PageAsync(cursor, limit: 7);
            foreach (var item in page.Items) seen[item.Subject] = item.State!.Name;
            cursor = page.Next;
            if (done && page.Items.Count == 0) break;
        }
        await writing;
        await using var source = NpgsqlDataSource.Create(_database);
        await using var command = source.CreateCommand("select id, name from things");
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync()) Assert.Equal(rows.GetString(1), seen[rows.GetGuid(0)]);
    }

    [Fact]
    public async Task A_replica_follows_heals_and_is_rebuilt_when_the_feed_is_another_one()
    {
        var first = Guid.CreateVersion7();
        await _owner.WriteAsync(first, "one");
        await using var replica = await ReplicaService.StartAsync(await (await PostgresServer.Shared).CreateDatabaseAsync(), _owner.Address);
        await replica.ShouldBecome((first, "one"));
        var second = Guid.CreateVersion7();
        await _owner.WriteAsync(second, "two");
        await replica.ShouldBecome((first, "one"), (second, "two"));

        await using var source = NpgsqlDataSource.Create(_database);
        await using (var restore = source.CreateCommand("delete from changes where subject = $1; "))
        {
            restore.Parameters.Add(new() { Value = second });
            await restore.ExecuteNonQueryAsync();
        }
        await using (var restored = source.CreateCommand("update feed set id = gen_random_uuid()")) await restored.ExecuteNonQueryAsync();
        await _owner.WriteAsync(first, "one again");
        await replica.ShouldBecome((first, "one again"));
    }

    [Fact]
    public Task A_reader_that_was_down_for_2_500_changes_catches_up_in_small_steps() => CatchUpAsync(2_500);

    [Fact, Trait("Category", "Long")]
    public Task A_reader_that_was_down_for_10_000_changes_catches_up_in_small_steps() => CatchUpAsync(10_000);

    private async Task CatchUpAsync(int changes)
    {
        await using var source = NpgsqlDataSource.Create(_database);
        await using (var write = source.CreateCommand($$"""
            insert into things select gen_random_uuid(), repeat('name ', 50) || i, '{}' from generate_series(1, {{changes}}) i;
            insert into changes (subject, kind) select id, 'thing' from things
            """)) await write.ExecuteNonQueryAsync();
        var database = await (await PostgresServer.Shared).CreateDatabaseAsync();
        var replica = new Replica(database, "artifact", "select id, name from things");

        var service = await ReplicaService.StartAsync(database, _owner.Address);
        var first = await replica.ReachAsync(changes / 5);
        var early = GC.GetTotalMemory(forceFullCollection: true);
        var rest = await replica.ReachAsync(changes);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - early;
        var (time, longest) = (first.Time + rest.Time, new[] { first.LongestTransaction, rest.LongestTransaction }.Max());
        output.WriteLine($"{changes} changes in {time.TotalSeconds:0.0} s and {service.Batches.Count} steps; longest transaction {longest.TotalSeconds:0.00} s; memory grew by {grown >> 10} KiB");

        Assert.Equal(changes, service.Batches.Sum());
        Assert.All(service.Batches, batch => Assert.InRange(batch, 0, 200));
        Assert.True(longest < time / 5, $"One transaction took {longest.TotalSeconds:0.0} s of {time.TotalSeconds:0.0} s.");
        Assert.InRange(grown, long.MinValue, 16 << 20);
        await service.DisposeAsync();
        await replica.ShouldBearRepetitionAsync(async () => service = await ReplicaService.StartAsync(database, _owner.Address));
        await service.DisposeAsync();
    }

    private async Task<ChangePage<ThingState>> PageAsync(long after, int wait = 0, int limit = 100) =>
        (await _owner.As(s_reader).GetFromJsonAsync<ChangePage<ThingState>>($"/internal/changes?after={after}&wait={wait}&limit={limit}", ZooJson.Options))!;

    private sealed class ThingReader(
        IServiceScopeFactory scopes, IHttpClientFactory clients, TimeProvider time, ILogger<ThingReader> logger, ConcurrentQueue<int> batches)
        : FeedReader<ThingsDb, ThingState>("artifact", scopes, clients, time, logger)
    {
        protected override async Task ApplyAsync(ThingsDb db, IReadOnlyList<Change<ThingState>> changes, CancellationToken ct)
        {
            batches.Enqueue(changes.Count);
            foreach (var change in changes)
            {
                await db.Things.Where(thing => thing.Id == change.Subject).ExecuteDeleteAsync(ct);
                if (change.State is { } state) await db.Database.ExecuteSqlAsync($"insert into things values ({change.Subject}, {state.Name}, '{{}}')", ct);
            }
        }

        protected override Task ResetAsync(ThingsDb db, CancellationToken ct) => db.Things.ExecuteDeleteAsync(ct);
    }

    private sealed class ReplicaService(WebApplication app) : IAsyncDisposable
    {
        public static async Task<ReplicaService> StartAsync(string connectionString, Uri owner)
        {
            var builder = OwnerService.NewBuilder();
            builder.Configuration["ConnectionStrings:thingsdb"] = connectionString;
            builder.Configuration["services:artifact:http:0"] = owner.ToString();
            builder.Configuration["Client:Token"] = s_reader;
            builder.AddServiceDefaults();
            builder.AddDatabase<ThingsDb>("thingsdb");
            builder.AddServiceClient("artifact", Scopes.ArtifactReadAll);
            builder.AddFeedReader<ThingReader>();
            builder.Services.AddSingleton<ConcurrentQueue<int>>();
            var app = builder.Build();
            app.UseServiceDefaults();
            await app.StartAsync();
            return new ReplicaService(app);
        }

        /// <summary>How many changes each step applied.</summary>
        public ConcurrentQueue<int> Batches => app.Services.GetRequiredService<ConcurrentQueue<int>>();

        public async Task ShouldBecome(params (Guid Id, string Name)[] expected)
        {
            var clock = Stopwatch.StartNew();
            while (true)
            {
                await using var scope = app.Services.CreateAsyncScope();
                var things = await scope.ServiceProvider.GetRequiredService<ThingsDb>().Things.OrderBy(thing => thing.Id).ToListAsync();
                var now = things.Select(thing => (thing.Id, thing.Name)).ToArray();
                if (now.SequenceEqual(expected.OrderBy(pair => pair.Id))) return;
                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(25), $"The replica holds [{string.Join(", ", now)}].");
                await Task.Delay(50);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}
