using System.CommandLine;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo gc [--dry-run]</c>: asks for a sweep and waits for it.</summary>
internal static class Gc
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LogPause = TimeSpan.FromSeconds(5);
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would be deleted, and why; delete nothing" };

    public static Command Create(Surroundings surroundings) =>
        new Command("gc", "Delete what nothing has referred to for longer than the grace (administrators)") { DryRun }.Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var dryRun = invocation.Value(DryRun);
        var sweep = await WaitAsync(invocation, zoo, await zoo.Storage.SweepAsync(dryRun, ct), ct);
        // One of the other kind ran already: now it is ours' turn.
        while (sweep.DryRun != dryRun)
        {
            sweep = await WaitAsync(invocation, zoo, await zoo.Storage.SweepAsync(dryRun, ct), ct);
        }
        var report = sweep.Report ?? throw new Refusal(
            sweep.State == SweepState.Interrupted ? "the zoo was stopped during the sweep; what it deleted was garbage" : $"the sweep failed: {sweep.Error}", "run it again");
        invocation.AnswerTable(report, ["SIZE", "SHA-256", "SINCE", "WHY"],
            report.Blobs.Select(b => new[] { Amounts.Bytes(b.SizeBytes), b.Sha256, Amounts.Day(b.Since), b.Why }), "no garbage");
        invocation.Say($"{(report.DryRun ? "would delete" : "deleted")} {Amounts.Count(report.BlobCount)} blobs, {Amounts.Bytes(report.SizeBytes)}, "
            + $"and {Amounts.Count(report.RevisionCount)} revisions, unreferenced before {Amounts.Day(report.Before)}");
    }

    private static async Task<SweepView> WaitAsync(Invocation invocation, ZooClient zoo, SweepView sweep, CancellationToken ct)
    {
        var said = "";
        long? at = null;
        for (var time = invocation.Surroundings.Time; sweep.State == SweepState.Running; sweep = await zoo.Storage.SweepAsync(sweep.Id, ct))
        {
            var line = sweep.Step + (sweep.BlobCount > 0 ? $": {Amounts.Count(sweep.DoneCount)} of {Amounts.Count(sweep.BlobCount)}" : "") + (sweep.DryRun ? " (dry run)" : "");
            if (line != said && (at is null || invocation.Surroundings.ErrorIsTerminal || time.GetElapsedTime(at.Value) >= LogPause))
            {
                invocation.Say(said = line);
                at = time.GetTimestamp();
            }
            await Task.Delay(Pause, time, ct);
        }
        return sweep;
    }
}
