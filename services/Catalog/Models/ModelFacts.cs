using System.Text.Json;
using ZooPlatform.Catalog.Cards;
using ZooPlatform.Catalog.Inspections;
using ZooPlatform.Catalog.Kits;
using ZooPlatform.Catalog.Stubs;
using ZooPlatform.Catalog.Taxonomies;
using ZooPlatform.Contracts;
using ZooPlatform.Formats;
using ZooPlatform.Formats.Cards;

namespace ZooPlatform.Catalog.Models;

/// <summary>What a model is, from what its files told. What the card says goes before what the files say.</summary>
internal static class ModelFacts
{
    private const int MaxTags = 50;

    public static void Put(Model model, RevisionReading reading)
    {
        var card = reading.Card ?? Card.Empty;
        var text = CardText.Of(card.Body);
        var inspections = reading.Files.Select(file => file.Inspection).OfType<Inspection>()
            .Where(inspection => !KitFacts.SideFormats.Contains(inspection.Format)).ToList();

        model.Revision = reading.Revision;
        model.Title = text.Title.Storable() ?? model.Name;
        model.Summary = text.Summary.Storable();
        model.Text = text.Text.Storable();
        model.Markdown = reading.Card is null ? null : card.Body.Storable();
        model.FrontMatter = card.FrontMatter?.ToJsonString();
        model.WantedStub = card.Zoo.Stub.Storable();
        StubPath.TryParse(model.WantedStub, out var stub);
        model.Task = Word(card.Zoo.Task ?? card.PipelineTag);
        model.Domain = Word(card.Zoo.Domain ?? stub?.Domain) ?? Taxonomy.DomainOf(model.Task);
        model.Frameworks = Words([card.Zoo.Framework, FrameworkOf(card.LibraryName), stub?.Framework, .. inspections.Select(i => i.Framework)]);
        model.Formats = Words(inspections.Select(inspection => inspection.Format));
        model.License = Word(card.License is "other" && card.LicenseName is { } name ? name : card.License);
        model.Tags = Words([.. card.Tags, .. inspections.SelectMany(QuantisationTags)]);
        model.Parameters = inspections.Max(inspection => inspection.ParameterCount);
        model.SizeBytes = reading.SizeBytes;
        model.Kit = JsonSerializer.Serialize(KitFacts.Of(card, reading.Files, reading.Texts), ZooJson.Options);
        model.Lineage.AddRange(LineageOf(card));
    }

    private static IEnumerable<string> QuantisationTags(Inspection inspection) =>
        inspection.Quantisation is { } quantisation ? quantisation.WeightTypes.Prepend("quantised") : [];

    private static IEnumerable<LineageEdge> LineageOf(Card card)
    {
        var relation = card.Zoo.Relation ?? card.BaseModelRelation switch
        {
            "quantized" => "quantised",
            "converted" or "pruned" => card.BaseModelRelation,
            _ => "fine-tuned",
        };
        return card.BaseModels.Select(name => name.Storable()!).Distinct(StringComparer.Ordinal)
            .Select(name => new LineageEdge { Base = name, Relation = relation.Storable()! });
    }

    // Facets count words: one spelling each.
    private static string? Word(string? text) => text.Storable()?.Trim().ToLowerInvariant() is { Length: > 0 and <= 100 } word ? word : null;

    private static string[] Words(IEnumerable<string?> texts) => [.. texts.Select(Word).OfType<string>().Distinct(StringComparer.Ordinal).Take(MaxTags)];

    /// <summary>The hub calls scikit-learn by the name of its Python module.</summary>
    private static string? FrameworkOf(string? library) => library == "sklearn" ? "scikit-learn" : library;
}
