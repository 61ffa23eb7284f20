using ZooPlatform.Cli.Platforms;

namespace ZooPlatform.Cli.Tests;

/// <summary>What <c>zoo status</c> says is wrong, fault by fault.</summary>
public sealed class StatusTests
{
    private static readonly DataFolder Data = new("/srv/zoo");
    private static readonly ServicePart Well = new("Healthy");

    [Fact]
    public void A_platform_that_is_well_has_nothing_wrong() => Assert.Empty(Diagnosis.Of(Facts()));

    [Theory]
    [InlineData("postgres", "starting", "PostgreSQL is starting", "postgresql-down")]
    [InlineData("meilisearch", "starting", "search is refused, the rest works", "search-down")]
    [InlineData("redis", "exited", "slower, not wrong", null)]
    [InlineData("catalog", "starting", "catalog is starting", "service-unhealthy")]
    [InlineData("catalog", "unhealthy", "catalog runs, but is not healthy", "service-unhealthy")]
    [InlineData("catalog", "failed", "catalog was given up", "does-not-start")]
    public void A_resource_that_does_not_run_is_named_with_what_it_means(string resource, string state, string says, string? page)
    {
        var wrong = Assert.Single(Diagnosis.Of(Facts((resource, state))));
        Assert.Contains(says, wrong.What);
        Assert.Contains($"/srv/zoo/logs/{resource}.log", wrong.Do);
        Assert.Equal(page, wrong.Page);
    }

    [Fact]
    public void A_database_that_is_down_is_said_once_not_once_a_service()
    {
        var down = new ServiceHealth("Unhealthy", new Dictionary<string, ServicePart> { ["PostgreSql"] = new("Unhealthy", "refused") });
        var facts = Facts(("postgres", "starting"), ("catalogdb", "waiting"), ("catalog", "unhealthy"), ("gateway", "unhealthy")) with
        {
            Services = new Dictionary<string, ServiceHealth> { ["catalog"] = down, ["artifact"] = down },
        };
        Assert.Contains("PostgreSQL is starting", Assert.Single(Diagnosis.Of(facts)).What);
        Assert.Contains("does not answer artifact, catalog", Assert.Single(Diagnosis.Of(facts with { Platform = Facts().Platform })).What);
    }

    [Fact]
    public void A_replica_that_is_behind_and_a_service_that_hangs_are_told()
    {
        var facts = Facts() with
        {
            Services = new Dictionary<string, ServiceHealth>
            {
                ["catalog"] = new("Degraded", new Dictionary<string, ServicePart> { ["feeds"] = new("Degraded", "Behind the feed of artifact for 34 s: gone"), ["disk"] = Well }),
                ["gateway"] = new("Unreachable"),
            },
        };
        var wrong = Diagnosis.Of(facts);
        Assert.Contains(wrong, one => one.Page == "feed-behind" && one.What.Contains("Behind the feed of artifact for 34 s"));
        Assert.Contains(wrong, one => one.What == "gateway does not answer, though its process lives" && one.Do.Contains("end process 7"));
        Assert.Equal(2, wrong.Count);
    }

    [Fact]
    public void A_disk_that_is_nearly_full_is_told_first()
    {
        var wrong = Diagnosis.Of(Facts(("redis", "exited")) with { FreeBytes = 300 << 20 });
        Assert.Equal("disk-full", wrong[0].Page);
        Assert.Equal(2, wrong.Count);
    }

    [Theory]
    [InlineData(false, false, "./zoo up", null)]
    [InlineData(true, false, "./zoo up; /srv/zoo/logs/apphost.log tells why it ended", "does-not-start")]
    [InlineData(true, true, "./zoo up --port N", "port-taken")]
    public void Nothing_that_runs_has_a_reason(bool ranBefore, bool portIsTaken, string doThis, string? page)
    {
        var wrong = Assert.Single(Diagnosis.Of(Facts() with { Running = false, PortIsTaken = portIsTaken, Platform = ranBefore ? Facts().Platform : null }));
        Assert.StartsWith(doThis, wrong.Do);
        Assert.Equal(page, wrong.Page);
    }

    [Fact]
    public void Every_page_that_is_named_is_there()
    {
        var source = File.ReadAllText(Path.Combine(Repository.Root, "cli", "Platforms", "Diagnosis.cs"));
        var pages = System.Text.RegularExpressions.Regex.Matches(source, "\"((?:disk|postgresql|search|service|feed|port|does)-[a-z-]+)\"").Select(match => match.Groups[1].Value).Distinct().ToList();
        Assert.Equal(7, pages.Count);
        Assert.All(pages, page => Assert.True(File.Exists(Path.Combine(Repository.Root, "docs", "runbooks", $"{page}.md")), page));
    }

    private static PlatformFacts Facts(params (string Resource, string State)[] states)
    {
        var resources = new[] { "postgres", "redis", "meilisearch", "catalog", "gateway" }.ToDictionary(name => name, _ => new ResourceState(7, 5000, "running"));
        foreach (var (resource, state) in states) resources[resource] = new ResourceState(null, 5000, state);
        var platform = new PlatformFile("http://127.0.0.1:8080", 1, "t", DateTimeOffset.UnixEpoch, resources);
        return new PlatformFacts(Data, platform, true, 8080, new Dictionary<string, ServiceHealth>(), 100L << 30, false, false);
    }
}
