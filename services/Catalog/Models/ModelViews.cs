using System.Linq.Expressions;
using System.Text.Json;
using ZooPlatform.Catalog.Benchmarks;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Formats;

namespace ZooPlatform.Catalog.Models;

/// <summary>Models as the API shows them.</summary>
internal static class ModelViews
{
    /// <summary>A line of a list.</summary>
    public static Expression<Func<Model, ModelSummaryView>> Summary { get; } = model => new ModelSummaryView(
        model.Id, model.Owner, model.Name, model.Visibility, model.Title, model.Summary ?? model.Description, model.Task,
        model.Formats, model.License, model.SizeBytes, model.UpdatedAt);

    /// <param name="model">With its files, findings and lineage.</param>
    /// <param name="bases">Addresses of those of its bases that the caller may see.</param>
    public static ModelView From(Model model, RunSummary? run, IReadOnlyList<string> bases, IReadOnlyList<VariantView> variants) => new(
        model.Id, model.Owner, model.Name, model.Visibility, model.Title, model.Summary ?? model.Description, model.Revision,
        Inspecting: model.Head != model.Revision, model.Stub, model.Task, model.Domain, model.Frameworks, model.Formats, model.License,
        model.Tags, model.Parameters, model.SizeBytes, CardOf(model), [.. model.Files.OrderBy(file => file.Path, StringComparer.Ordinal).Select(FileOf)],
        [.. model.Findings.OrderBy(finding => finding.Ordinal).Select(finding => new FindingView(finding.Kind, finding.Severity, finding.Path, finding.Message))],
        [.. model.Lineage.OrderBy(edge => edge.Base, StringComparer.Ordinal).Select(edge => new LineageView(
            edge.Base, edge.Relation, bases.FirstOrDefault(address => address.Equals(edge.Base, StringComparison.OrdinalIgnoreCase))))],
        run is null ? null : new BenchmarkSummaryView(
            run.RunId, run.File, run.P50Ms, run.ThroughputPerSecond, run.PeakMemoryBytes, run.AccuracyPassed, run.Device, run.EndedAt),
        model.CreatedAt, model.UpdatedAt, model.Kit is null ? null : JsonSerializer.Deserialize<KitView>(model.Kit, ZooJson.Options), variants);

    private static CardView? CardOf(Model model) => model.Markdown is null ? null : new CardView(
        model.FrontMatter is null ? new Dictionary<string, JsonElement>() : JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(model.FrontMatter)!,
        model.Markdown);

    private static ModelFileView FileOf(ModelFile file) => new(
        file.Path, file.Sha256, file.SizeBytes, file.Format, file.Fit,
        file.Inspection is null ? null : JsonSerializer.Deserialize<Inspection>(file.Inspection, ZooJson.Options));
}
