using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit.Abstractions;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.NeverLost;

/// <summary>Artifact is killed at named places and at random instants while clients push; what it acknowledged is there afterwards.</summary>
/// <param name="places">At which it is killed in turn, the first or a later time they are reached; every third kill is at any instant.</param>
internal sealed class KillTrials(ArtifactProcess service, IReadOnlyList<string> places, ITestOutputHelper output)
{
    private const int Clients = 3;

    /// <param name="sweeping">Garbage is swept all the time, with the bytes of what clients send among it.</param>
    /// <param name="started">Called after each restart, before anybody asks for anything.</param>
    public async Task RunAsync(int trials, bool sweeping = false, Func<Task>? started = null)
    {
        var seed = Number("ZOO_KILL_SEED") ?? Random.Shared.Next();
        var random = new Random(seed);
        var (acknowledged, reached, revisions, swept) = (0, 0, 0, 0);
        var clients = new List<JournalledClient>();
        SweepingClient? sweeper = null;
        var (working, starting, checking) = (new Stopwatch(), new Stopwatch(), new Stopwatch());
        for (var trial = 0; trial < trials; trial++)
        {
            // Fresh repositories now and then: every one of an old client's revisions is read again after each kill.
            if (trial % 4 == 0)
            {
                sweeper = sweeping ? new SweepingClient(service, await service.ARepositoryAsync()) : null;
                clients = [.. await Task.WhenAll(Enumerable.Range(0, Clients).Select(async i => new JournalledClient(service, await service.ARepositoryAsync(), seed + trial + i, sweeper)))];
            }
            // Each place comes in turn, the first or a later time it is reached; every third kill is at any instant.
            var place = trial % 3 == 2 ? null : $"{places[(trial - trial / 3) % places.Count]}:{random.Next(1, 4)}";
            var what = $"trial {trial} of seed {seed}, {place ?? "any instant"}";
            if (place is not null) await File.WriteAllTextAsync(service.Failpoint, place);
            working.Start();
            var work = Task.WhenAll([sweeper?.WorkAsync() ?? Task.CompletedTask, .. clients.Select(client => client.WorkAsync())]);
            await Task.WhenAny(work, Task.Delay(place is null ? random.Next(20, 400) : 6000));   // a busy machine needs that long for some places
            if (place is not null && await service.DiedAsync()) reached++;
            await service.KillAsync();
            await work;
            working.Stop();
            File.Delete(service.Failpoint);
            starting.Start();
            await service.RunAsync();
            starting.Stop();
            checking.Start();
            try
            {
                if (started is not null) await started();
                foreach (var client in clients) await client.CheckAsync();
            }
            catch (Xunit.Sdk.XunitException e)
            {
                throw new Xunit.Sdk.XunitException($"{what}: {e.Message}", e);
            }
            checking.Stop();
            acknowledged = clients.Sum(client => client.Acknowledged);
            if (trial % 4 == 3 || trial == trials - 1)
            {
                revisions += acknowledged;
                swept += sweeper?.Swept ?? 0;
            }
        }
        output.WriteLine($"{trials} kills of seed {seed}, {reached} at a place; {revisions} revisions acknowledged and there{(sweeping ? $"; {swept} blobs swept" : "")}. {working.Elapsed.TotalSeconds:F0} s at work, {starting.Elapsed.TotalSeconds:F0} s starting again, {checking.Elapsed.TotalSeconds:F0} s checking.");
        Assert.True(acknowledged > 0 && reached > trials / 4, $"{reached} places were reached in {trials} trials, {acknowledged} revisions stand in the last journals: that proves little. The last work ended so: {clients[0].Ended}");
    }

    public static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Every place in the sources that <c>Failpoint.Reach</c> names.</summary>
    /// <param name="without">A folder of the store that is not used.</param>
    /// <param name="notOf">What stands before the point in the names of those to leave out.</param>
    public static string[] Places(string without, params string[] notOf) =>
        [.. Directory.EnumerateFiles(Path.Combine(SharedFolder.Repository, "services", "Artifact"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains(without, StringComparison.Ordinal)).SelectMany(File.ReadLines).Select(line => Regex.Match(line, "Failpoint\\.Reach\\(\"([a-z.-]+)\"\\)"))
            .Where(match => match.Success).Select(match => match.Groups[1].Value).Where(place => !notOf.Contains(place.Split('.')[0])).Order(StringComparer.Ordinal)];
}
