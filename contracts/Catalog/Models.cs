using ZooPlatform.Formats;

namespace ZooPlatform.Contracts.Catalog;

/// <summary>The catalog's whole view of a repository's main revision.</summary>
/// <param name="Revision">What was read; null while the repository is empty.</param>
/// <param name="Inspecting">A newer revision is being read; what is shown is the last one read.</param>
/// <param name="Card">Null when there is no README.md.</param>
/// <param name="Kit">What else the kit holds; null while nothing was read.</param>
/// <param name="Variants">Models that name this one as their base, of those the caller may see; at most 100.</param>
public sealed record ModelView(
    Guid Id, string Owner, string Name, Visibility Visibility, string Title, string? Summary, string? Revision, bool Inspecting,
    string? Stub, string? Task, string? Domain, IReadOnlyList<string> Frameworks, IReadOnlyList<string> Formats, string? License,
    IReadOnlyList<string> Tags, long? Parameters, long SizeBytes, CardView? Card, IReadOnlyList<ModelFileView> Files,
    IReadOnlyList<FindingView> Findings, IReadOnlyList<LineageView> Lineage, BenchmarkSummaryView? Benchmark,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, KitView? Kit = null, IReadOnlyList<VariantView>? Variants = null);

/// <param name="Fields">The front matter as JSON text, as far as its limits let it be read.</param>
/// <param name="Markdown">The card without its front matter, at most 1 MiB.</param>
public sealed record CardView(IReadOnlyDictionary<string, System.Text.Json.JsonElement> Fields, string Markdown);

/// <param name="Format">Null for files that are no model.</param>
/// <param name="Fit">May this file go to ONNX Runtime; null when it is of another format.</param>
public sealed record ModelFileView(
    string Path, string Sha256, long SizeBytes, string? Format, bool? Fit, Inspection? Inspection);

/// <param name="Kind">Stable: <c>onnx.external-data-escapes</c>, <c>card.broken-yaml</c>, ...</param>
/// <param name="Severity"><c>info</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Path">The file; null when it is about the whole kit.</param>
public sealed record FindingView(string Kind, string Severity, string? Path, string Message);

/// <summary>This model is derived from another.</summary>
/// <param name="Base">As the card names it.</param>
/// <param name="Relation"><c>converted</c>, <c>quantised</c>, <c>pruned</c>, <c>fine-tuned</c>, <c>optimised-for</c> or <c>damaged</c>.</param>
/// <param name="Repository">The base's <c>owner/name</c> when it is in this zoo and the caller may see it.</param>
public sealed record LineageView(string Base, string Relation, string? Repository = null);

/// <summary>A model that was derived from this one.</summary>
public sealed record VariantView(Guid Id, string Owner, string Name, string Title, string Relation);

public sealed record BenchmarkSummaryView(Guid RunId, string File, double P50Ms, double ThroughputPerSecond, long PeakMemoryBytes,
    bool? AccuracyPassed, string Device, DateTimeOffset EndedAt);

/// <summary>A line in a list of models.</summary>
public sealed record ModelSummaryView(
    Guid Id, string Owner, string Name, Visibility Visibility, string Title, string? Summary, string? Task,
    IReadOnlyList<string> Formats, string? License, long SizeBytes, DateTimeOffset UpdatedAt);

/// <summary>What a stub resolves to.</summary>
public sealed record StubView(string Stub, Guid Id, string Repository);
