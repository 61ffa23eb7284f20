using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Tests;

/// <summary><c>zoo du</c>, <c>gc</c>.</summary>
public sealed class StorageCommandTests : IAsyncLifetime
{
    private readonly List<object> asked = [];
    private readonly Queue<SweepView> answers = new();
    private TestZoo zoo = null!;
    private Terminal terminal = null!;

    public async Task InitializeAsync()
    {
        zoo = await TestZoo.StartAsync(app =>
        {
            app.MapGet("/api/v1/repositories/acme/m/storage", () => new StorageView(3, 6000, 4000, 1000, 3000));
            app.MapGet("/api/v1/storage/acme", () => new OwnerStorageView("acme", 2, 3, 6000, 4000, 1000, 3000, 4500, 10_000));
            app.MapPut("/api/v1/storage/acme/quota", (SetQuota ask) =>
            {
                asked.Add(ask);
                return new QuotaView("acme", 4500, ask.LimitBytes);
            });
            app.MapPost("/api/v1/storage/gc", (SweepStorage ask) =>
            {
                asked.Add(ask);
                return answers.Dequeue();
            });
            app.MapGet("/api/v1/storage/gc/{id:guid}", (Guid id) => answers.Dequeue() with { Id = id });
        });
        terminal = new Terminal(zoo.Url);
    }

    [Fact]
    public async Task Du_says_what_is_stored_shared_and_freed()
    {
        Assert.Contains("shared    1.0 kB", await terminal.DoAsync("du", "acme/m"));
        Assert.Contains("quota     4.5 kB of 10.0 kB", await terminal.DoAsync("du", "acme"));
    }

    [Fact]
    public async Task A_quota_is_bytes_or_none()
    {
        await terminal.DoAsync("du", "acme", "--quota", "5000");
        await terminal.DoAsync("du", "acme", "--quota", "none");
        Assert.Equal([new SetQuota(5000), new SetQuota(null)], asked);
        Assert.Equal(2, await terminal.RunAsync("du", "acme", "--quota", "5 GB"));
        Assert.Equal(2, await terminal.RunAsync("du", "acme/m", "--quota", "5"));
        Assert.Equal(2, asked.Count);
    }

    [Fact]
    public async Task Gc_deletes_unless_it_is_a_dry_run()
    {
        answers.Enqueue(Ended(dryRun: true));
        Assert.Contains("its repository was deleted", await terminal.DoAsync("gc", "--dry-run"));
        Assert.Contains("would delete 1 blobs, 2.0 kB, and 1 revisions", terminal.Error.ToString());
        answers.Enqueue(Ended(dryRun: false));
        await terminal.DoAsync("gc");
        Assert.Contains("\ndeleted 1", "\n" + terminal.Error);
        Assert.Equal([new SweepStorage(true), new SweepStorage(false)], asked);
    }

    [Fact]
    public async Task Gc_waits_and_shows_how_far_it_is_also_behind_a_sweep_of_the_other_kind()
    {
        foreach (var answer in new[] { Running(dryRun: true), Ended(dryRun: true), Running(dryRun: false), Running(dryRun: false) with { DoneCount = 1, BlobCount = 1500 }, Ended(dryRun: false) })
            answers.Enqueue(answer);
        await terminal.DoAsync("gc", "--json");
        Assert.False(terminal.Json.GetProperty("dryRun").GetBoolean());
        Assert.Equal([new SweepStorage(false), new SweepStorage(false)], asked);
        Assert.Contains("deleting blobs (dry run)", terminal.Error.ToString());
        Assert.Contains("deleting blobs\n", terminal.Error.ToString().ReplaceLineEndings("\n"));
        answers.Enqueue(Running(dryRun: false) with { State = SweepState.Failed, Error = "It broke." });
        Assert.Equal(1, await terminal.RunAsync("gc"));
        Assert.Contains("the sweep failed: It broke.", terminal.Error.ToString());
    }

    private static SweepView Running(bool dryRun) => new(Guid.CreateVersion7(), dryRun, SweepState.Running, "deleting blobs", 0, 0, DateTimeOffset.UnixEpoch, null);

    private static SweepView Ended(bool dryRun) => Running(dryRun) with
    {
        State = SweepState.Done, EndedAt = DateTimeOffset.UnixEpoch,
        Report = new GarbageReport(dryRun, DateTimeOffset.UnixEpoch, 1, 1, 2000, [new("abc", 2000, "its repository was deleted", DateTimeOffset.UnixEpoch)]),
    };

    public async Task DisposeAsync()
    {
        terminal.Dispose();
        await zoo.DisposeAsync();
    }
}
