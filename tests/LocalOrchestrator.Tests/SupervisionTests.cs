using ZooPlatform.LocalOrchestrator.Processes;

namespace ZooPlatform.LocalOrchestrator.Tests;

public sealed class SupervisionTests
{
    [Fact]
    public async Task A_service_that_is_killed_is_started_again_on_its_port()
    {
        await using var platform = await TestPlatform.StartAsync(b => TestModels.AddService(b, "web"));
        await platform.HealthyAsync("web");
        var old = platform.File.Resources["web"].Pid!.Value;
        Signals.Send(old, Signal.Kill);
        var young = await platform.NewPidAsync("web", old);
        await platform.HealthyAsync("web");

        using var http = new HttpClient { BaseAddress = platform.Address("web") };
        Assert.Equal(young.ToString(), await http.GetStringAsync("/pid"));
    }

    [Fact]
    public async Task A_service_gets_none_of_the_settings_of_the_AppHost()
    {
        Environment.SetEnvironmentVariable("ConnectionStrings__elsewhere", "Password=secret");
        await using var platform = await TestPlatform.StartAsync(b => TestModels.AddService(b, "web"));
        await platform.HealthyAsync("web");
        using var http = new HttpClient { BaseAddress = platform.Address("web") };
        Assert.Equal("", await http.GetStringAsync("/variable/ConnectionStrings__elsewhere"));
    }

    [Fact]
    public async Task Lines_of_a_program_are_kept_in_its_log_with_their_time()
    {
        await using var platform = await TestPlatform.StartAsync(b =>
            b.AddExecutable("talker", "sh", "/", "-c", "echo out; echo err >&2; echo $WHO").WithEnvironment("WHO", "me"));
        await platform.StateAsync("talker", KnownResourceStates.Finished);
        var lines = File.ReadAllLines(Path.Combine(platform.Data, "logs", "talker.log"));
        Assert.Equal(["err", "me", "out"], lines.Select(line => line.Split(' ')[1]).Order());
        Assert.All(lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", line));
    }

    [Fact]
    public async Task A_program_starts_after_the_one_it_waits_for_has_done_its_work()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Path;
        await using var platform = await TestPlatform.StartAsync(
            b =>
            {
                var first = b.AddExecutable("first", "sh", data, "-c", "sleep 0.5; touch made");
                b.AddExecutable("second", "sh", data, "-c", "test -e made && touch seen").WaitForCompletion(first);
            },
            data);
        await platform.StateAsync("second", KnownResourceStates.Finished);
        Assert.True(File.Exists(Path.Combine(data, "seen")));
    }

    [Fact]
    public async Task A_program_that_never_becomes_ready_is_given_up_and_so_are_those_that_wait_for_it()
    {
        await using var platform = await TestPlatform.StartAsync(
            b =>
            {
                var broken = b.AddExecutable("broken", "sh", "/", "-c", "echo no such setting; exit 3").WithHttpEndpoint().WithHttpHealthCheck("/");
                TestModels.AddService(b, "web").WaitFor(broken);
            },
            time: new HastyTime());
        Assert.Equal(KnownResourceStates.FailedToStart, await platform.StateAsync("broken", KnownResourceStates.TerminalStates.ToArray()));
        Assert.Equal(KnownResourceStates.FailedToStart, await platform.StateAsync("web", KnownResourceStates.TerminalStates.ToArray()));
        Assert.Equal("failed", platform.File.Resources["broken"].State);
    }

    [Fact]
    public void Pauses_double_from_one_second_to_thirty() =>
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(1, 7).Select(deaths => Supervisor.Pause(deaths).TotalSeconds));

    [Fact]
    public async Task A_stop_ends_a_program_that_ignores_the_polite_signal_with_all_it_started()
    {
        using var folder = new TemporaryFolder();
        var data = folder.Path;
        var platform = await TestPlatform.StartAsync(
            b => b.AddExecutable("deaf", "sh", data, "-c", "trap '' TERM; sleep 1000 & echo $! > child.new; mv child.new child; while :; do wait; done"),
            data,
            new HastyTime());
        await platform.HealthyAsync("deaf");
        while (!File.Exists(Path.Combine(data, "child")))
        {
            await Task.Delay(20);
        }
        int[] pids = [platform.File.Resources["deaf"].Pid!.Value, int.Parse(File.ReadAllText(Path.Combine(data, "child")))];
        await platform.DisposeAsync();
        await Gone.AssertAsync(pids);
    }

    [Fact]
    public void A_log_is_rotated_by_size_and_three_old_ones_are_kept()
    {
        using var temporary = new TemporaryFolder();
        var folder = temporary.Path;
        using (var log = new LogFile(Path.Combine(folder, "x.log"), TimeProvider.System))
        {
            var line = new string('x', 1 << 20);
            for (var n = 0; n < 60; n++)
            {
                log.WriteLine(line);
            }
        }
        Assert.Equal(["x.log", "x.log.1", "x.log.2", "x.log.3"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(folder), file => Assert.InRange(new FileInfo(file).Length, 1, 12 << 20));
    }
}
