using System.CommandLine;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Search;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo reindex</c>: builds the search index again beside the one that answers, and swaps the two.</summary>
internal static class Reindex
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(5);

    private static readonly Option<bool> Status = new("--status") { Description = "Only show how the index stands" };
    private static readonly Option<bool> NoWait = new("--no-wait") { Description = "Do not wait until it is done" };

    public static Command Create(Surroundings surroundings) =>
        new Command("reindex", "Build the search index again; searches are answered meanwhile (administrators)") { Status, NoWait }
            .Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var index = invocation.Value(Status) ? await zoo.Search.IndexAsync(ct) : await zoo.Search.ReindexAsync(ct);
        if (!invocation.Value(Status) && !invocation.Value(NoWait))
        {
            index = await WaitAsync(invocation, () => zoo.Search.IndexAsync(ct), index, ct);
        }
        invocation.Answer(index, output => output.WriteLine(Describe(index)));
    }

    private static async Task<IndexView> WaitAsync(Invocation invocation, Func<Task<IndexView>> ask, IndexView index, CancellationToken ct)
    {
        var said = "";
        long? at = null;
        for (var time = invocation.Surroundings.Time; index.Status != IndexStatus.Ready; index = await ask())
        {
            var line = Describe(index);
            if (line != said && (at is null || invocation.Surroundings.ErrorIsTerminal || time.GetElapsedTime(at.Value) >= LogPause))
            {
                invocation.Say(said = line);
                at = time.GetTimestamp();
            }
            await Task.Delay(Pause, time, ct);
        }
        return index;
    }

    internal static string Describe(IndexView index) => index.Status switch
    {
        IndexStatus.Ready => $"the search index is whole{(index.BuiltAt is { } built ? $"; it was built {Amounts.Day(built)}" : "")}",
        IndexStatus.Building => $"building ({index.Reason}): {Amounts.Count(index.Written)} of {Amounts.Count(index.Total)} models"
            + (index.Answers ? "" : "; searches are refused until it is done"),
        _ => "waiting to begin" + (index.Answers ? "" : "; searches are refused until it is done"),
    };
}
