using Npgsql;
using Xunit;

namespace ZooPlatform.Tests.Whole.Permissions;

/// <summary>Whoever loses a right has lost it everywhere within five seconds, and does not get it back: with Redis, without it, and while a
/// replica hears nothing.</summary>
[Collection(OnARunningZoo.Name)]
public sealed class RevocationTests(RunningZoo running)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Whoever_loses_a_right_has_lost_it_everywhere_within_five_seconds()
    {
        var stage = await Stage.OnAsync(running);
        var doomed = await Kit.ServedAsync(stage.Owner, stage.Organisation, "private");
        var deleted = DeletedAsync(stage, doomed);
        var seen = await TakeAwayAsync(stage);
        await deleted;
        // Kept answers would live for 5 s: Redis tells the gateway to forget them at once.
        foreach (var what in new[] { "revoked", "demoted", "removed", "disabled", "account" })
            Assert.True(seen[what] < TimeSpan.FromSeconds(2), $"{what}: seen for {seen[what].TotalSeconds:0.0} s; is Redis not heard?");
    }

    [Fact]
    public async Task Without_Redis_five_seconds_hold_too()
    {
        var stage = await Stage.OnAsync(running);
        await using var stopped = Stopped.Process(running, "redis");
        await TakeAwayAsync(stage);
    }

    [Fact]
    public async Task While_Artifact_is_not_heard_only_what_is_public_shows()
    {
        var stage = await Stage.OnAsync(running);
        var (owner, kits) = (stage.Owner, stage.Kits);
        Sight Eyes(string visibility) => Sight.Of($"{visibility} while Artifact stands still", owner, kits[visibility], throughArtifact: false);
        var anybodys = Sight.Of("public", stage.Callers["anonymous"], kits["public"], throughArtifact: false);
        await DeployedAsync(stage);
        await Task.WhenAll(Eyes("private").ShouldBeWholeAsync(), Eyes("internal").ShouldBeWholeAsync(), anybodys.ShouldBeWholeAsync());
        await using (Stopped.Process(running, "artifact"))
        {
            await Task.WhenAll(Eyes("private").ShouldEndAsync(s_limit), Eyes("internal").ShouldEndAsync(s_limit));
            await anybodys.ShouldBeWholeAsync();
        }
        await Files.EventuallyAsync(TimeSpan.FromSeconds(20), () => Task.WhenAll(Eyes("private").ShouldBeWholeAsync(), Eyes("internal").ShouldBeWholeAsync()));
    }

    [Fact]
    public async Task A_grant_withdrawn_while_replicas_hear_nothing_is_withdrawn_there_too()
    {
        var stage = await Stage.OnAsync(running);
        var kit = stage.Kits["private"];
        var grantee = await Cast.JoinAsync(running, Cast.Administrator(running), await Cast.OrganisationAsync(Cast.Administrator(running)), "reader", "grantee");
        await stage.Owner.JsonAsync(HttpMethod.Put, $"{kit.Api}/grants/{grantee.Name}", new { role = "reader" });
        await DeployedAsync(stage);
        var sight = Sight.Of("grant withdrawn, unheard", grantee, kit);
        await Files.EventuallyAsync(TimeSpan.FromSeconds(10), sight.ShouldBeWholeAsync);

        var locks = new List<NpgsqlConnection>();
        foreach (var database in new[] { "catalogdb", "searchdb", "benchmarkdb" }) locks.Add(await LockAsync($"lock table feed_cursors", database));
        await stage.Owner.JsonAsync(HttpMethod.Delete, $"{kit.Api}/grants/{grantee.Name}");
        await sight.ShouldEndAsync(s_limit);
        foreach (var held in locks) await held.DisposeAsync();
        await sight.ShouldEndAsync(TimeSpan.Zero);
    }

    /// <summary>Takes rights away in every way there is, at once; when each was seen last.</summary>
    private async Task<Dictionary<string, TimeSpan>> TakeAwayAsync(Stage stage)
    {
        var (owner, organisation, kit, open) = (stage.Owner, stage.Organisation, stage.Kits["private"], stage.Kits["public"]);
        var administrator = Cast.Administrator(running);
        var joining = new[] { "contributor", "reader", "reader", "reader" }.Select(role => Cast.JoinAsync(running, owner, organisation, role, "member"));
        var members = await Task.WhenAll(joining);
        var (demoted, removed, disabled, holder) = (members[0], members[1], members[2], members[3]);
        var (revoked, tokenId) = await holder.WithTokenAsync(running, Cast.AllScopes);
        var account = await Cast.AccountAsync(running, owner, organisation, Cast.Fresh("robot"));
        var grantee = stage.Callers["outsider"];
        await owner.JsonAsync(HttpMethod.Put, $"{kit.Api}/grants/{grantee.Name}", new { role = "reader" });
        await DeployedAsync(stage);

        var membership = $"/api/v1/organisations/{organisation}/members";
        var ways = new (string What, Sight Sight, Func<Task> TakeAsync)[]
        {
            ("revoked", Sight.Of("token revoked", revoked, kit).AndInfers(revoked, kit), () => holder.JsonAsync(HttpMethod.Delete, $"/api/v1/tokens/{tokenId}")),
            ("demoted", MayWrite(demoted, kit), () => owner.JsonAsync(HttpMethod.Put, $"{membership}/{demoted.Name}", new { role = "reader" })),
            ("removed", Sight.Of("member removed", removed, kit).AndInfers(removed, kit), () => owner.JsonAsync(HttpMethod.Delete, $"{membership}/{removed.Name}")),
            ("disabled", Sight.Of("user disabled", disabled, kit), () => administrator.JsonAsync(HttpMethod.Patch, $"/api/v1/users/{disabled.Name}", new { isDisabled = true })),
            ("account", Sight.Of("service account deleted", account, kit),
                () => owner.JsonAsync(HttpMethod.Delete, $"/api/v1/organisations/{organisation}/service-accounts/{account.Name}")),
            ("withdrawn", Sight.Of("grant withdrawn", grantee, kit), () => owner.JsonAsync(HttpMethod.Delete, $"{kit.Api}/grants/{grantee.Name}")),
            ("hidden", Sight.Of("made private", stage.Callers["anonymous"], open), () => owner.JsonAsync(HttpMethod.Patch, open.Api, new { visibility = "private" })),
        };
        await Files.EventuallyAsync(TimeSpan.FromSeconds(10), () => Task.WhenAll(ways.Select(way => way.Sight.ShouldBeWholeAsync())));
        try
        {
            var seen = await Task.WhenAll(ways.Select(async way =>
            {
                await way.TakeAsync();
                return (way.What, Last: await way.Sight.ShouldEndAsync(s_limit));
            }));
            return seen.ToDictionary(one => one.What, one => one.Last);
        }
        finally
        {
            await owner.JsonAsync(HttpMethod.Patch, open.Api, new { visibility = "public" });
            var anybody = Sight.Of("public again", stage.Callers["anonymous"], open);
            await Files.EventuallyAsync(TimeSpan.FromSeconds(10), anybody.ShouldBeWholeAsync);
        }
    }

    private static async Task DeletedAsync(Stage stage, Kit doomed)
    {
        var sight = Sight.Of("deleted", stage.Owner, doomed).AndInfers(stage.Owner, doomed);
        await sight.ShouldBeWholeAsync();
        await stage.Owner.JsonAsync(HttpMethod.Delete, doomed.Api);
        await sight.ShouldEndAsync(s_limit);
    }

    /// <summary>What a contributor may do and a reader may not, in the services that have such a thing.</summary>
    private static Sight MayWrite(Person eye, Kit kit) => new Sight("demoted")
        .Add(eye, new Ask(HttpMethod.Post, $"{kit.Api}/blobs/missing") { Json = "{\"blobs\":[]}" })
        .Add(eye, new Ask(HttpMethod.Post, $"/api/v1/runs/{kit.Run}/cancel"), answer => (int)answer.Status == 409);   // ended, but theirs to cancel

    /// <summary>Other tests may have ended the deployments; <c>/ready</c> is one of the ways to see.</summary>
    private static async Task DeployedAsync(Stage stage)
    {
        foreach (var kit in stage.Kits.Values) await stage.Owner.JsonAsync(HttpMethod.Post, "/api/v1/deployments", new { repository = kit.FullName });
    }

    /// <summary>A connection to a service's database in a transaction that holds this lock until it is disposed.</summary>
    private async Task<NpgsqlConnection> LockAsync(string sql, string database)
    {
        using var platform = System.Text.Json.JsonDocument.Parse(File.ReadAllText(running.DataFile("platform.json")));
        using var secrets = System.Text.Json.JsonDocument.Parse(File.ReadAllText(running.DataFile("secrets.json")));
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = platform.RootElement.GetProperty("resources").GetProperty("postgres").GetProperty("port").GetInt32(), Pooling = false,
            Username = "postgres", Password = secrets.RootElement.GetProperty("postgres-password").GetString(), Database = database,
        }.ConnectionString);
        await connection.OpenAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(sql, connection, transaction);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    /// <summary>A process that stands still (SIGSTOP) until this is disposed.</summary>
    private sealed class Stopped : IAsyncDisposable
    {
        private readonly int _process;

        private Stopped(int process)
        {
            _process = process;
            Signal("STOP");
        }

        public static Stopped Process(RunningZoo running, string resource) => new(running.ProcessOf(resource)!.Value);

        public ValueTask DisposeAsync()
        {
            Signal("CONT");
            return ValueTask.CompletedTask;
        }

        private void Signal(string name)
        {
            using var kill = System.Diagnostics.Process.Start("kill", [$"-{name}", $"{_process}"]);
            kill.WaitForExit();
        }
    }
}
