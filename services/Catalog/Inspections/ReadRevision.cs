using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Catalog.Kits;
using ZooPlatform.Catalog.Models;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats;
using ZooPlatform.Formats.Cards;

namespace ZooPlatform.Catalog.Inspections;

/// <summary>Reads a revision through Artifact: its card, and what each file is, by ranges; never whole weights. What has not changed since the
/// last revision is not read again. Stores nothing.</summary>
internal sealed class ReadRevision(ArtifactFiles artifact, CatalogDb db, IOptions<CatalogOptions> options, ILogger<ReadRevision> logger)
{
    private const string CardPath = "README.md";
    private const int MaxCardBytes = 4 << 20;
    private const int MaxTextBytes = 256 << 10;

    /// <summary>Null when Artifact no longer has the revision.</summary>
    public async Task<RevisionReading?> RunAsync(Guid repository, string revision, CancellationToken ct)
    {
        if (await artifact.ListAsync(repository, revision, ct) is not { } tree) return null;

        var findings = new List<PathFinding>();
        var card = tree.FirstOrDefault(file => file.Path == CardPath) is { } readme ? await ReadCardAsync(repository, revision, readme, ct) : null;
        findings.AddRange((card?.Findings ?? []).Select(finding => new PathFinding(CardPath, finding)));

        var files = new List<FileReading>();
        var sizes = tree.ToDictionary(file => file.Path, file => file.SizeBytes, StringComparer.Ordinal);
        SiblingFiles siblings = path => sizes.TryGetValue(path, out var size) ? size : null;
        var known = await db.Set<ModelFile>().AsNoTracking().Where(file => file.ModelId == repository && file.Reader == ModelInspector.Version)
            .ToDictionaryAsync(file => file.Path, ct);
        foreach (var file in tree.Take(options.Value.MaxFiles))
        {
            files.Add(file.Path == CardPath ? new FileReading(file.Path, file.Sha256!, file.SizeBytes, null)
                : known.TryGetValue(file.Path, out var same) && same.Sha256 == file.Sha256 ? Again(same)
                : await InspectAsync(repository, revision, file, siblings, findings, ct));
        }
        if (tree.Count > files.Count)
            findings.Add(new(null, new("kit.too-many-files", FindingSeverity.Warning,
                $"The kit has {tree.Count} files; the first {files.Count} were looked into. Pack sample data into archives.")));
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in tree.Where(file => file.Path == KitFacts.LabelsPath).Concat(tree.Where(file => KitFacts.IsRecipe(file.Path)).Take(KitFacts.MaxRecipes)))
            texts[file.Path] = await ReadTextAsync(repository, revision, file, MaxTextBytes, ct);
        return new RevisionReading(revision, card, files, texts, findings, tree.Sum(file => file.SizeBytes));
    }

    private static FileReading Again(ModelFile file) => new(file.Path, file.Sha256, file.SizeBytes,
        file.Inspection is null ? null : JsonSerializer.Deserialize<Inspection>(file.Inspection, ZooJson.Options));

    private async Task<Card> ReadCardAsync(Guid repository, string revision, TreeEntryView file, CancellationToken ct)
    {
        var text = await ReadTextAsync(repository, revision, file, MaxCardBytes, ct);
        try
        {
            return CardReader.Read(text);
        }
        catch (Exception e)
        {
            return new Card { Body = text, Findings = [Broke(e, repository, revision, file)] };
        }
    }

    private async Task<string> ReadTextAsync(Guid repository, string revision, TreeEntryView file, int maxBytes, CancellationToken ct)
    {
        await using var stream = artifact.Open(repository, revision, file);
        var bytes = new byte[Math.Min(file.SizeBytes, maxBytes)];
        await stream.ReadExactlyAsync(bytes, ct);
        return Encoding.UTF8.GetString(bytes);
    }

    private async Task<FileReading> InspectAsync(
        Guid repository, string revision, TreeEntryView file, SiblingFiles siblings, List<PathFinding> findings, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.Value.FileTimeout);
        await using var stream = artifact.Open(repository, revision, file);
        try
        {
            var inspection = await ModelInspector.InspectAsync(file.Path, stream, siblings, InspectionLimits.Default, limit.Token);
            return new FileReading(file.Path, file.Sha256!, file.SizeBytes, inspection);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            findings.Add(new(file.Path, new("inspection.timeout", FindingSeverity.Error,
                $"The file was not read to the end within {options.Value.FileTimeout.TotalSeconds:0} s; what it is stays unknown.")));
        }
        catch (Exception e) when (e is not (HttpRequestException or IOException or OperationCanceledException))
        {
            findings.Add(new(file.Path, Broke(e, repository, revision, file)));
        }
        return new FileReading(file.Path, file.Sha256!, file.SizeBytes, null, Failed: true);
    }

    /// <summary>A defect of a reader costs the file, never the kit: what could not be read is not clean.</summary>
    private Finding Broke(Exception e, Guid repository, string revision, TreeEntryView file)
    {
        logger.ReaderBroke(e, repository, revision, file.Path);
        return new Finding("inspection.broke", FindingSeverity.Error, "Reading this file failed for a reason of the zoo's own, which is in its log; what it holds stays unknown.");
    }
}
