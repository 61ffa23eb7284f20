using Microsoft.EntityFrameworkCore;
using ZooPlatform.Catalog.Models;
using ZooPlatform.Catalog.Stubs;
using ZooPlatform.Contracts;
using ZooPlatform.Formats;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Catalog.Inspections;

/// <summary>Puts what a revision told in place of what was known, claims the stub, and tells the feed: one transaction.</summary>
internal sealed class StoreReading(CatalogDb db, ILogger<StoreReading> logger)
{
    private const int MaxSameNotes = 3;

    /// <summary>False: the job is no longer this worker's, nothing was stored.</summary>
    public async Task<bool> RunAsync(InspectionJob job, RevisionReading reading, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);

        // 1. The lease decides whether this reading still counts. The model's row is locked before its job, as everywhere.
        var model = await db.Models.FromSql($"select * from models where id = {job.ModelId} for update").SingleOrDefaultAsync(ct);
        if (model is null || !await InspectionQueue.EndAsync(db, job, ct)) return false;

        // 2. What was read before goes.
        await db.Set<ModelFile>().Where(file => file.ModelId == model.Id).ExecuteDeleteAsync(ct);
        await db.Set<ModelFinding>().Where(finding => finding.ModelId == model.Id).ExecuteDeleteAsync(ct);
        await db.Set<LineageEdge>().Where(edge => edge.ModelId == model.Id).ExecuteDeleteAsync(ct);

        // 3. What was read now.
        ModelFacts.Put(model, reading);
        model.Files.AddRange(reading.Files.Select(FileOf));
        await db.SaveChangesAsync(ct);

        // 4. The stub; who had it before makes room for who waits for it.
        var findings = reading.Findings.Concat(Condensed(OfFiles(reading))).ToList();
        await ClaimAsync(model, findings, ct);
        model.Findings.AddRange(findings.OrderByDescending(f => f.Finding.Severity).Select(FindingOf));
        await db.SaveChangesAsync(ct);

        // 5. Search and Benchmark hear of it.
        await db.Database.TouchAsync(model.Id, "model", deleted: false, ct);
        await transaction.CommitAsync(ct);
        return true;
    }

    private async Task ClaimAsync(Model model, List<PathFinding> findings, CancellationToken ct)
    {
        var held = model.Stub;
        switch (await new ClaimStub(db).RunAsync(model, ct))
        {
            case ClaimOutcome.Malformed:
                findings.Add(Warning("stub.malformed", $"'{model.WantedStub}' is no stub: seven parts are joined by '/'. Correct zoo.stub in README.md."));
                break;
            case ClaimOutcome.Taken:
                findings.Add(Warning("stub.taken", $"The stub '{model.WantedStub}' belongs to another model. Choose another in README.md, or wait until it is free."));
                break;
            case ClaimOutcome.Claimed when model.Stub != held:
                logger.StubClaimed(model.Stub!, model.Id);
                break;
        }
        if (held is not null && held != model.Stub) await InspectionQueue.PutClaimantsAsync(db, held, ct);

        static PathFinding Warning(string kind, string message) => new("README.md", new(kind, FindingSeverity.Warning, message));
    }

    private static IEnumerable<PathFinding> OfFiles(RevisionReading reading) =>
        reading.Files.SelectMany(file => (file.Inspection?.Findings ?? []).Select(finding => new PathFinding(file.Path, finding)));

    /// <summary>What is worth a note once is not worth it for each of thirty samples.</summary>
    private static IEnumerable<PathFinding> Condensed(IEnumerable<PathFinding> findings) => findings.GroupBy(found => found.Finding)
        .SelectMany(same => same.Key.Severity == FindingSeverity.Info && same.Count() > MaxSameNotes
            ? [new PathFinding(null, same.Key with { Message = $"{same.Key.Message} So with {same.Count()} files, {same.First().Path} among them." })]
            : same.AsEnumerable());

    internal static ModelFile FileOf(FileReading file) => new()
    {
        Path = file.Path,
        Sha256 = file.Sha256,
        SizeBytes = file.SizeBytes,
        Format = file.Inspection?.Format,
        Fit = file.Inspection is { Format: ModelFormats.Onnx } onnx ? onnx.FitToRun : null,
        Unfit = file.Inspection is { Format: ModelFormats.Onnx, FitToRun: false } broken ? WhyUnfit(broken) : null,
        ExternalData = file.ExternalData,
        // Whether external data are there and large enough is no matter of this file's bytes alone.
        Reader = file.Failed || file.ExternalData.Length > 0 ? null : ModelInspector.Version,
        Inspection = file.Inspection is { } inspection ? System.Text.Json.JsonSerializer.Serialize(inspection, ZooJson.Options) : null,
    };

    private static string WhyUnfit(Inspection inspection) =>
        inspection.Findings.FirstOrDefault(finding => finding.Severity == FindingSeverity.Error) is { } worst
            ? $"{worst.Kind}: {worst.Message}"
            : "onnx.not-parsable: The file could not be read.";

    private static ModelFinding FindingOf(PathFinding found, int ordinal) => new()
    {
        Ordinal = ordinal,
        Kind = found.Finding.Kind,
        Severity = found.Finding.Severity.ToString().ToLowerInvariant(),
        Path = found.Path,
        Message = found.Finding.Message,
    };
}
