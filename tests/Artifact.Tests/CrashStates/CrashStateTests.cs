using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace ZooPlatform.Artifact.Tests.CrashStates;

/// <summary>The real service, run under strace, upon a model of the least that a disk promises: whatever subset of unsynced blocks, lengths, names
/// and renames a crash keeps, at whatever moment, what PostgreSQL or a client was told of before is there and whole, and nothing half stands
/// under a blob's name.</summary>
public sealed class CrashStateTests(TracedArtifact service, ITestOutputHelper output) : IClassFixture<TracedArtifact>
{
    /// <summary>Every sync that the service makes, as what it is for. Without any of them something is lost.</summary>
    private static readonly (string What, string Calls, string Path)[] s_syncs =
    [
        ("of what a request wrote", "fsync", "^temporary/"),
        ("of an upload's file", "fsync", "^uploads/"),
        ("of the names of uploads", "fsync", "^uploads$"),
        ("of a blob's name", "fsync", "^blobs/../..$"),
        ("of the folder above it", "fsync", "^blobs/..$"),
        ("of the folders above that", "fsync", "^blobs$"),
        ("of the names of xorbs", "fsync", "^xorbs$"),
        ("of the store's folders", "fsync", "^$"),
        ("of a batch", "syncfs", "^$"),
    ];

    [Fact]
    public Task Whatever_a_crash_keeps_of_what_was_not_synced_nothing_acknowledged_is_lost() => CrashAsync(few: 8, atRandom: 20, restarts: 2);

    [Fact, Trait("Category", "Long")]
    public Task And_so_it_is_in_many_more_crash_states() => CrashAsync(few: 14, atRandom: 2000, restarts: 10);

    private async Task CrashAsync(int few, int atRandom, int restarts)
    {
        var repo = await service.ARepositoryAsync();
        var push = new PushEverything(service, repo);
        await push.RunAsync(restarts);
        await File.WriteAllTextAsync(service.Failpoint, "batch.renamed");
        await push.BatchUntilDeathAsync();
        File.Delete(service.Failpoint);
        var calls = await service.ReadAsync();

        var replay = new Replay(service.Root) { Few = few, AtRandom = atRandom };
        push.TellTo(replay);
        replay.Expect(_ => true, Claim.WholeId);
        replay.Run(calls);
        Assert.True(replay.Violations.Count == 0, string.Join('\n', replay.Violations));
        Assert.Empty(replay.Untold);
        Assert.True(replay.Claims.Count > 60 && replay.Tellings > 200, $"{replay.Claims.Count} claims, {replay.Tellings} tellings");
        output.WriteLine($"{replay.Disk.Changes} changes, {replay.Tellings} packets, {replay.Claims.Count} claims at the end, {replay.States} crash states");

        // The model would notice if one of them were forgotten.
        foreach (var (what, name, path) in s_syncs)
        {
            var forgotten = 0;
            var without = new Replay(service.Root, (call, of) => call.Name == name && Regex.IsMatch(of, path) && ++forgotten > 0);
            push.TellTo(without);
            without.Run(calls);
            Assert.True(forgotten > 0, $"There is no {name} {what}.");
            Assert.True(without.Violations.Count > 0, $"Without the {name} {what} nothing would be lost: the model is too kind, or it is not needed.");
        }

        // Upon what the crash left the real service, with the same database, has all of it.
        var pending = replay.Disk.Pending();
        Assert.NotEmpty(pending);
        var random = new Random(1);
        for (var i = 0; i < restarts; i++)
        {
            HashSet<Change> kept = i switch { 0 => [], 2 => [.. pending], _ => CrashStates.AtRandom(pending, random) };
            await service.StartOnAsync(replay.Disk, kept.Contains);
            await push.ShouldBeThereAsync();
            await push.ShouldGoOnAsync(push.Open[i]);
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(service.Root, "temporary")));
            await service.KillAsync();
        }
    }
}
