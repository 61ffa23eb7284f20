using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Contracts.Benchmark;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo bench OWNER/NAME</c></summary>
internal static class Bench
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly RunSettings Defaults = new();

    private static readonly Argument<string> Repository = new("OWNER/NAME") { Description = "The model" };
    private static readonly Option<string?> File = new("--file") { Description = "Which of its model files; the first fit one when absent" };
    private static readonly Option<string?> Revision = new("--revision") { Description = "Id, branch or tag; main when absent" };
    private static readonly Option<bool> Wait = new("--wait") { Description = "Wait for the results" };
    private static readonly Option<int> Threads = new("--threads") { Description = "Threads of an operator; 0: as many as cores", DefaultValueFactory = _ => Defaults.Threads };
    private static readonly Option<int> WarmUp = new("--warm-up") { Description = "Calls that are not counted", DefaultValueFactory = _ => Defaults.WarmUp };
    private static readonly Option<int> Iterations = new("--iterations") { Description = "Counted calls", DefaultValueFactory = _ => Defaults.Iterations };

    private static readonly Option<double> RelativeTolerance = new("--relative-tolerance")
    {
        Description = "How far outputs may be from the kit's sample outputs, as a share of them",
        DefaultValueFactory = _ => Defaults.RelativeTolerance,
    };
    private static readonly Option<double> AbsoluteTolerance = new("--absolute-tolerance")
    {
        Description = "How far they may be beside that",
        DefaultValueFactory = _ => Defaults.AbsoluteTolerance,
    };

    public static Command Create(Surroundings surroundings) =>
        new Command("bench", "Measure a model on the zoo's machine")
        {
            Repository, File, Revision, Wait, Threads, WarmUp, Iterations, RelativeTolerance, AbsoluteTolerance,
        }.Does(surroundings, RunAsync);

    private static async Task<int> RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var settings = Defaults with
        {
            Threads = invocation.Value(Threads),
            WarmUp = invocation.Value(WarmUp),
            Iterations = invocation.Value(Iterations),
            RelativeTolerance = invocation.Value(RelativeTolerance),
            AbsoluteTolerance = invocation.Value(AbsoluteTolerance),
        };
        var repository = RepositoryName.Parse(invocation.Value(Repository));
        var run = await Freshly.ReadAsync(
            zoo, repository, invocation.Say, invocation.Surroundings.Time,
            ct => zoo.Runs.CreateAsync(new CreateRun(repository.ToString(), invocation.Value(Revision), invocation.Value(File), settings), ct), ct);
        if (invocation.Value(Wait))
        {
            run = await WaitAsync(invocation, zoo, run, ct);
        }
        invocation.Answer(run, output => ShownRun.Write(output, run));
        return run.Status is RunStatus.Failed or RunStatus.Cancelled ? ExitCodes.Refused : ExitCodes.Done;
    }

    private static async Task<RunView> WaitAsync(Invocation invocation, ZooClient zoo, RunView run, CancellationToken ct)
    {
        var said = "";
        while (run.Status is RunStatus.Queued or RunStatus.Running)
        {
            var says = $"{run.Status.ToString().ToLowerInvariant()}, {(int)(100 * run.Progress)} % {run.Message}".TrimEnd();
            if (says != said)
            {
                invocation.Say(says);
                said = says;
            }
            await Task.Delay(Pause, invocation.Surroundings.Time, ct);
            run = await zoo.Runs.GetAsync(run.Id, ct);
        }
        return run;
    }
}
