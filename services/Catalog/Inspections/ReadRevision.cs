using System.Text;
using Microsoft.Extensions.Options;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Formats;
using ZooPlatform.Formats.Cards;

namespace ZooPlatform.Catalog.Inspections;

/// <summary>Reads a revision through Artifact: its card, and what each file is, by ranges; never whole weights. Stores nothing.</summary>
internal sealed class ReadRevision(ArtifactFiles artifact, IOptions<CatalogOptions> options, ILogger<ReadRevision> logger)
{
    private const string CardPath = "README.md";
    private const int MaxCardBytes = 4 << 20;

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
        foreach (var file in tree.Take(options.Value.MaxFiles))
        {
            var inspection = file.Path == CardPath ? null : await InspectAsync(repository, revision, file, siblings, findings, ct);
            files.Add(new FileReading(file.Path, file.Sha256!, file.SizeBytes, inspection));
        }
        if (tree.Count > files.Count)
            findings.Add(new(null, new("kit.too-many-files", FindingSeverity.Warning,
                $"The kit has {tree.Count} files; the first {files.Count} were looked into. Pack sample data into archives.")));
        return new RevisionReading(revision, card, files, findings, tree.Sum(file => file.SizeBytes));
    }

    private async Task<Card> ReadCardAsync(Guid repository, string revision, TreeEntryView file, CancellationToken ct)
    {
        await using var stream = artifact.Open(repository, revision, file);
        var bytes = new byte[Math.Min(file.SizeBytes, MaxCardBytes)];
        await stream.ReadExactlyAsync(bytes, ct);
        var text = Encoding.UTF8.GetString(bytes);
        try
        {
            return CardReader.Read(text);
        }
        catch (Exception e)
        {
            return new Card { Body = text, Findings = [Broke(e, repository, revision, file)] };
        }
    }

    private async Task<Inspection?> InspectAsync(
        Guid repository, string revision, TreeEntryView file, SiblingFiles siblings, List<PathFinding> findings, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(options.Value.FileTimeout);
        await using var stream = artifact.Open(repository, revision, file);
        try
        {
            return await ModelInspector.InspectAsync(file.Path, stream, siblings, InspectionLimits.Default, limit.Token);
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
        return null;
    }

    /// <summary>A defect of a reader costs the file, never the kit: what could not be read is not clean.</summary>
    private Finding Broke(Exception e, Guid repository, string revision, TreeEntryView file)
    {
        logger.ReaderBroke(e, repository, revision, file.Path);
        return new Finding("inspection.broke", FindingSeverity.Error, "Reading this file failed for a reason of the zoo's own, which is in its log; what it holds stays unknown.");
    }
}
