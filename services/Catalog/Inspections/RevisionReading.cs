using ZooPlatform.Formats;
using ZooPlatform.Formats.Cards;

namespace ZooPlatform.Catalog.Inspections;

/// <summary>What the files of a revision told.</summary>
/// <param name="Card">Null without README.md.</param>
/// <param name="Findings">About the kit as a whole; a file's own are in its inspection.</param>
/// <param name="Texts">Path and content of labels and recipes.</param>
/// <param name="SizeBytes">Of all files, also those not looked into.</param>
internal sealed record RevisionReading(
    string Revision, Card? Card, IReadOnlyList<FileReading> Files, IReadOnlyDictionary<string, string> Texts, IReadOnlyList<PathFinding> Findings, long SizeBytes);

/// <param name="Inspection">Null for a file that is no model.</param>
/// <param name="Failed">It could not be read, and a finding of the kit says so.</param>
internal sealed record FileReading(string Path, string Sha256, long SizeBytes, Inspection? Inspection, bool Failed = false)
{
    /// <summary>Where in the repository its weights lie: what an ONNX file names is relative to its own folder.</summary>
    public string[] ExternalData => [.. (Inspection?.Onnx?.ExternalFiles ?? []).Select(file => Path[..(Path.LastIndexOf('/') + 1)] + file)];
}

/// <param name="Path">The file; null when it is about the whole kit.</param>
internal sealed record PathFinding(string? Path, Finding Finding);
