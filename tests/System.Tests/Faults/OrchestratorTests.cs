using System.Diagnostics;
using System.Security.Cryptography;
using Xunit;
using Xunit.Abstractions;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole.Faults;

/// <summary>Platforms of their own: one of a user without rights whose AppHost is killed, one on servers that run elsewhere.</summary>
[Collection(nameof(OrchestratorTests))]
[CollectionDefinition(nameof(OrchestratorTests), DisableParallelization = true)]
public sealed class OrchestratorTests(ITestOutputHelper output)
{
    private static readonly IReadOnlyDictionary<string, string> s_none = new Dictionary<string, string>();

    [Fact, Trait("Category", "Long")]
    public async Task Killed_with_9_the_AppHost_takes_all_with_it_and_the_next_up_finds_everything()
    {
        var become = Unprivileged();
        await using var platform = await Platform.StartAsync(new Circumstances(become, s_none), data => Give(data, become));
        var (name, kit) = await PushAsync(platform);
        await Files.EventuallyAsync(TimeSpan.FromSeconds(40), () => platform.Zoo.JsonAsync("infer", name, "--input", $"image={kit}/test_data_set_0/input_0.pb"));   // once it is inspected
        var appHost = platform.Started.GetProperty("pid").GetInt32();
        var all = Processes.WithDescendants(appHost);
        var worker = all.Where(process => Processes.CommandLineOf(process).Contains("Benchmark.Worker.dll", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(worker);

        // A worker that hears nothing, a server that leaves its pid file behind, and their keeper gone in the same moment.
        foreach (var process in worker) Processes.Signal(process, Processes.Stop);
        Processes.Signal(platform.Processes()["postgres"]!.Value, Processes.Kill);
        Processes.Signal(appHost, Processes.Kill);
        await Files.EventuallyAsync(TimeSpan.FromSeconds(20), () =>
        {
            Assert.Empty(all.Where(Processes.Lives).Select(process => $"{process} {Processes.CommandLineOf(process)}"));
            return Task.CompletedTask;
        });

        // Meanwhile the number in the pid file became another process's of the same user.
        using var other = Process.Start(new ProcessStartInfo("env", [.. become, "sleep", "300"]))!;
        var pidFile = platform.DataFile("postgres", "data", "postmaster.pid");
        Assert.True(File.Exists(pidFile));
        string[] lines = await File.ReadAllLinesAsync(pidFile);
        await File.WriteAllLinesAsync(pidFile, [$"{other.Id}", .. lines[1..]]);

        var clock = Stopwatch.StartNew();
        await platform.UpAsync();
        output.WriteLine($"up again after {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.False(other.HasExited);
        other.Kill();
        await ShouldServeAsync(platform, name, kit);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Servers_given_by_address_are_used_and_none_is_started()
    {
        var postgres = await PostgresServer.Shared;
        var (redisPort, meilisearchPort) = (FreePort.Find(), FreePort.Find());
        var folder = Directory.CreateTempSubdirectory("zoo-given-");
        using var redis = Process.Start(new ProcessStartInfo("redis-server", ["--port", $"{redisPort}", "--bind", "127.0.0.1", "--requirepass", "given", "--save", ""])
            { RedirectStandardOutput = true, WorkingDirectory = folder.FullName })!;
        using var fetch = Process.Start(new ProcessStartInfo(Path.Combine(SharedFolder.Repository, "tools", "fetch"), ["meilisearch"]) { RedirectStandardOutput = true })!;
        var program = (await fetch.StandardOutput.ReadToEndAsync()).Trim();
        using var meilisearch = Process.Start(new ProcessStartInfo(program,
            ["--no-analytics", "--env", "production", "--http-addr", $"127.0.0.1:{meilisearchPort}", "--master-key", "a-given-master-key", "--db-path", Path.Combine(folder.FullName, "data")])
            { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.FullName })!;
        foreach (var reader in new[] { redis.StandardOutput, meilisearch.StandardOutput, meilisearch.StandardError }) _ = reader.ReadToEndAsync();
        try
        {
            await using var platform = await Platform.StartAsync(new Circumstances([], new Dictionary<string, string>
            {
                ["ConnectionStrings__postgres"] = $"Host=127.0.0.1;Port={postgres.Port};Username=postgres;Password=unread",
                ["ConnectionStrings__redis"] = $"127.0.0.1:{redisPort},password=given",
                ["ConnectionStrings__meilisearch"] = $"Endpoint=http://127.0.0.1:{meilisearchPort};MasterKey=a-given-master-key",
            }));
            foreach (var server in new[] { "postgres", "redis", "meilisearch" })
            {
                Assert.Null(platform.Processes()[server]);
                Assert.False(Directory.Exists(platform.DataFile(server)));
            }
            var (name, kit) = await PushAsync(platform);
            await ShouldServeAsync(platform, name, kit);
        }
        finally
        {
            redis.Kill();
            meilisearch.Kill();
            await Task.WhenAll(redis.WaitForExitAsync(), meilisearch.WaitForExitAsync());
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(string Name, string Kit)> PushAsync(Platform platform)
    {
        var name = $"{await platform.NewOrganisationAsync()}/digits";
        var kit = Directory.CreateTempSubdirectory("zoo-kit-").FullName;
        File.SetUnixFileMode(kit, (UnixFileMode)Convert.ToInt32("755", 8));
        Files.Copy(Path.Combine(SharedFolder.Repository, "samples", "digits-cnn-int8"), kit);
        File.WriteAllBytes(Path.Combine(kit, "more.bin"), RandomNumberGenerator.GetBytes(1_000_000));
        foreach (var file in Directory.EnumerateFiles(kit, "*", SearchOption.AllDirectories)) File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32("644", 8));
        await platform.Zoo.JsonAsync("push", kit, name, "-m", "first", "--public");
        return (name, kit);
    }

    private static async Task ShouldServeAsync(Platform platform, string name, string kit)
    {
        await Files.EventuallyAsync(TimeSpan.FromSeconds(40), async () =>
        {
            var found = await platform.Zoo.JsonAsync("search", "digts int8");
            Assert.Contains(found.GetProperty("hits").EnumerateArray(), hit => $"{hit.GetProperty("owner")}/{hit.GetProperty("name")}" == name);
        });
        await platform.Zoo.JsonAsync("infer", name, "--input", $"image={kit}/test_data_set_0/input_0.pb");
        var run = await platform.Zoo.JsonAsync("bench", name, "--wait", "--iterations", "10");
        Assert.Equal("succeeded", run.GetProperty("status").GetString());
        var pulled = platform.DataFile("tests", "pulled");
        await platform.Zoo.JsonAsync("pull", name, pulled);
        Files.ShouldBeSame(kit, pulled);
        Directory.Delete(kit, recursive: true);
    }

    /// <summary>Becomes a user without rights. Nothing, when the tests have none themselves, or when that user could not reach the programs.</summary>
    private string[] Unprivileged()
    {
        if (!Environment.IsPrivilegedProcess) return [];
        string[] nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"];
        using var reach = Process.Start("env", [.. nobody, "test", "-r", typeof(OrchestratorTests).Assembly.Location]);
        reach.WaitForExit();
        if (reach.ExitCode == 0) return nobody;
        output.WriteLine($"as root: the user nobody cannot read {SharedFolder.Repository}");
        return [];
    }

    private static void Give(string folder, string[] become)
    {
        if (become.Length == 0) return;
        using var chown = Process.Start("chown", ["nobody:nogroup", folder]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }
}
