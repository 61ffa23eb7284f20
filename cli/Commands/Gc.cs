using System.CommandLine;
using ZooPlatform.Cli.Terminals;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo gc [--dry-run]</c></summary>
internal static class Gc
{
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would be deleted, and why; delete nothing" };

    public static Command Create(Surroundings surroundings) =>
        new Command("gc", "Delete what nothing has referred to for longer than the grace (administrators)") { DryRun }.Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var report = await zoo.Storage.SweepAsync(invocation.Value(DryRun), ct);
        invocation.AnswerTable(report, ["SIZE", "SHA-256", "SINCE", "WHY"],
            report.Blobs.Select(b => new[] { Amounts.Bytes(b.SizeBytes), b.Sha256, Amounts.Day(b.Since), b.Why }), "no garbage");
        invocation.Say($"{(report.DryRun ? "would delete" : "deleted")} {Amounts.Count(report.BlobCount)} blobs, {Amounts.Bytes(report.SizeBytes)}, "
            + $"and {Amounts.Count(report.RevisionCount)} revisions, unreferenced before {Amounts.Day(report.Before)}");
    }
}
