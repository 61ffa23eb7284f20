using System.Globalization;
using ZooPlatform.Artifact.Tests.Support;

namespace ZooPlatform.Artifact.Tests.NeverLost;

/// <summary>Artifact is killed at named places and at random instants while clients push; what it acknowledged is there afterwards.</summary>
/// <remarks><c>ZOO_KILL_TRIALS</c> sets how often (<c>./zoo measure kill</c>), <c>ZOO_KILL_SEED</c> repeats a run.</remarks>
public sealed class KillTests(ArtifactProcess service) : IClassFixture<ArtifactProcess>
{
    private const int Clients = 3;

    /// <summary>Every place in the sources that <c>Failpoint.Reach</c> names, but those of sweeps, at which SweepKillTests kill, and of the store that is not used here.</summary>
    private static readonly string[] s_places = Places();

    [Fact]
    public Task Twenty_kills_lose_nothing() => KillAsync(20);

    [Fact, Trait("Category", "Long")]
    public Task Two_hundred_kills_lose_nothing() => KillAsync(Number("ZOO_KILL_TRIALS") ?? 200);

    [Fact]
    public void There_are_places_to_die_at() => Assert.True(s_places.Length >= 18, string.Join(' ', s_places));

    private async Task KillAsync(int trials)
    {
        var seed = Number("ZOO_KILL_SEED") ?? Random.Shared.Next();
        var random = new Random(seed);
        var (acknowledged, reached) = (0, 0);
        var clients = new List<JournalledClient>();
        for (var trial = 0; trial < trials; trial++)
        {
            // Fresh repositories now and then: every one of an old client's revisions is read again after each kill.
            if (trial % 4 == 0) clients = [.. await Task.WhenAll(Enumerable.Range(0, Clients).Select(async i => new JournalledClient(service, await service.ARepositoryAsync(), seed + trial + i)))];
            // Each place comes in turn, the first or a later time it is reached; every third kill is at any instant.
            var place = trial % 3 == 2 ? null : $"{s_places[(trial - trial / 3) % s_places.Length]}:{random.Next(1, 4)}";
            var what = $"trial {trial} of seed {seed}, {place ?? "any instant"}";
            if (place is not null) await File.WriteAllTextAsync(service.Failpoint, place);
            var work = Task.WhenAll(clients.Select(client => client.WorkAsync()));
            await Task.WhenAny(work, Task.Delay(place is null ? random.Next(20, 400) : 2000));
            if (place is not null && await service.DiedAsync()) reached++;
            await service.KillAsync();
            await work;
            File.Delete(service.Failpoint);
            await service.RunAsync();
            try
            {
                foreach (var client in clients) await client.CheckAsync();
            }
            catch (Xunit.Sdk.XunitException e)
            {
                throw new Xunit.Sdk.XunitException($"{what}: {e.Message}", e);
            }
            acknowledged = clients.Sum(client => client.Acknowledged);
        }
        Assert.True(acknowledged > 0 && reached > trials / 4, $"{reached} places were reached in {trials} trials, {acknowledged} revisions stand in the last journals: that proves little. The last work ended so: {clients[0].Ended}");
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string[] Places() => [.. Directory.EnumerateFiles(Path.Combine(ZooPlatform.Tests.Support.SharedFolder.Repository, "services", "Artifact"), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/S3/", StringComparison.Ordinal)).SelectMany(File.ReadLines).Select(line => System.Text.RegularExpressions.Regex.Match(line, "Failpoint\\.Reach\\(\"([a-z.-]+)\"\\)"))
        .Where(match => match.Success).Select(match => match.Groups[1].Value).Where(place => place.Split('.')[0] is not ("sweep" or "take" or "scrub")).Order(StringComparer.Ordinal)];
}
