using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Credentials;
using ZooPlatform.Cli.Platforms;
using ZooPlatform.Cli.Terminals;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo up</c>: starts the AppHost, waits until all is healthy, gives a new zoo its samples, says how to sign in.</summary>
internal static class Up
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);

    private static readonly Option<int> Port = new("--port") { Description = "Where the gateway listens", DefaultValueFactory = _ => 8080 };
    private static readonly Option<bool> Detach = new("--detach") { Description = "Return when all is healthy; ./zoo down stops it" };

    public static Command Create(Surroundings surroundings) =>
        new Command("up", "Start the platform on this machine; Ctrl+C stops it") { Port, Detach }.Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        var data = invocation.Data;
        if (PlatformFile.Read(data) is { IsRunning: true } running)
        {
            throw new Refusal(
                $"a platform already runs on {data}: {running.Url}, process {running.Pid}",
                "./zoo status, ./zoo down, or another --data and --port for a second one");
        }
        if (!File.Exists(Repository.AppHost))
        {
            throw new Refusal($"{Repository.AppHost} is not there", "./zoo up from the repository, which builds it first");
        }

        var time = invocation.Surroundings.Time;
        var started = time.GetTimestamp();
        var pid = await AppHostProcess.StartAsync(Repository.AppHost, data, invocation.Value(Port), invocation.Value(Detach), ct);
        var detached = false;
        try
        {
            var platform = await WaitAsync(invocation, data, pid, ct);
            var admin = AdminFile.Read(data);
            await PushSamplesAsync(invocation, data, platform, admin, ct);

            var answer = new Started(platform.Url, data.Path, pid, admin?.UserName, admin?.SignInUrl, time.GetElapsedTime(started).TotalSeconds);
            invocation.Answer(answer, output => Tell(output, answer, invocation.Value(Detach)));
            detached = invocation.Value(Detach);
            if (!detached)
            {
                await WatchAsync(data, pid, time, ct);
            }
        }
        finally
        {
            if (!detached && AppHostProcess.IsAlive(pid))
            {
                invocation.Say("stopping everything");
                await AppHostProcess.StopAsync(pid, StopPatience, time, CancellationToken.None);
            }
        }
    }

    private static async Task<PlatformFile> WaitAsync(Invocation invocation, DataFolder data, int pid, CancellationToken ct)
    {
        var time = invocation.Surroundings.Time;
        var started = time.GetTimestamp();
        invocation.Say($"starting on {data}");
        for (var said = ""; ;)
        {
            if (!AppHostProcess.IsAlive(pid) && time.GetElapsedTime(started) > TimeSpan.FromSeconds(1))
            {
                throw EndedEarly(data);
            }
            var readiness = await Readiness.AskAsync(data, time, ct);
            if (readiness.Healthy && readiness.Platform!.Pid == pid)
            {
                return readiness.Platform;
            }
            if (readiness.Failed is { } failed && readiness.Platform!.Pid == pid)
            {
                throw Broken($"{failed} does not start", Path.Combine(Path.GetDirectoryName(data.AppHostLog)!, $"{failed}.log"));
            }
            if (time.GetElapsedTime(started) > Patience)
            {
                throw new Refusal(
                    $"not all is healthy after {Amounts.Time(Patience)}; missing: {string.Join(", ", readiness.Waiting)}",
                    $"look into the logs in {Path.GetDirectoryName(data.AppHostLog)}");
            }
            var says = string.Join(", ", readiness.Waiting);
            if (says.Length > 0 && says != said)
            {
                invocation.Say($"waiting for {says}");
                said = says;
            }
            await Task.Delay(Pause, time, ct);
        }
    }

    private static async Task PushSamplesAsync(Invocation invocation, DataFolder data, PlatformFile platform, AdminFile? admin, CancellationToken ct)
    {
        if (admin is null)
        {
            invocation.Say($"note: {data.AdminFile} cannot be read, so no samples are pushed");
            return;
        }
        using var zoo = new ZooClient(new Connection(Connection.ParseUrl(platform.Url), admin.Token, data.AdminFile), invocation.Surroundings.Time);
        try
        {
            await SampleKits.PushAsync(zoo, data, invocation.Surroundings, ct);
        }
        catch (Refusal refusal)
        {
            invocation.Say($"note: the samples are not all there: {refusal.Message}; the next ./zoo up goes on");
        }
    }

    private static async Task WatchAsync(DataFolder data, int pid, TimeProvider time, CancellationToken ct)
    {
        while (AppHostProcess.IsAlive(pid))
        {
            await Task.Delay(Pause, time, ct);
        }
        if (PlatformFile.Read(data) is not null)
        {
            throw EndedEarly(data);
        }
    }

    private static void Tell(TextWriter output, Started started, bool detached)
    {
        output.WriteLine($"the zoo is open at {started.Url} ({Amounts.Time(TimeSpan.FromSeconds(started.Seconds))})");
        output.WriteLine($"on this command line you are {started.Administrator ?? "nobody"}; in the browser sign in once with");
        output.WriteLine($"  {started.SignInUrl ?? $"{started.Url}/account/sign-in"}");
        output.WriteLine("try, in another terminal:");
        output.WriteLine("  ./zoo search \"digts int8\"");
        output.WriteLine("  ./zoo show samples/digits-cnn-int8");
        output.WriteLine("  ./zoo bench samples/digits-cnn-int8 --wait");
        output.WriteLine("  ./zoo org create acme");
        output.WriteLine(detached ? "stop it with ./zoo down" : "stop it with Ctrl+C");
    }

    private static Refusal EndedEarly(DataFolder data) => Broken("the platform ended", data.AppHostLog);

    private static Refusal Broken(string what, string log)
    {
        var tail = File.Exists(log) ? File.ReadLines(log).TakeLast(15) : [];
        return new Refusal($"{what}; the last lines of {log}:\n{string.Join('\n', tail)}", "mend that, then ./zoo up again");
    }

    private sealed record Started(string Url, string Data, int Pid, string? Administrator, string? SignInUrl, double Seconds);
}
