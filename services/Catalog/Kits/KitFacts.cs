using System.Text.RegularExpressions;
using ZooPlatform.Catalog.Cards;
using ZooPlatform.Catalog.Inspections;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Formats;
using ZooPlatform.Formats.Cards;

namespace ZooPlatform.Catalog.Kits;

/// <summary>What a kit holds beside its models, told by the names of its files.</summary>
internal static partial class KitFacts
{
    public const string LabelsPath = "labels.txt";
    public const int MaxRecipes = 5;
    private const int MaxPaths = 100;
    private const int MaxLabels = 1000;
    private const int MaxLabelLength = 200;
    private const int MaxRecipeLength = 16 << 10;

    /// <summary>Formats of sample data and side files: a kit is not "a NumPy model" because its samples are arrays.</summary>
    public static IReadOnlyList<string> SideFormats { get; } = [ModelFormats.Archive, ModelFormats.NumPy, ModelFormats.ChatTemplate];

    public static bool IsRecipe(string path) => RecipePath().IsMatch(path);

    /// <param name="texts">Path and content of labels and recipes.</param>
    public static KitView Of(Card card, IReadOnlyList<FileReading> files, IReadOnlyDictionary<string, string> texts) => new(
        MainOf(files),
        [.. card.Results.Select(result => new MetricView(result.Name.Storable()!, result.Type.Storable()!, result.Value, result.Dataset.Storable()))],
        texts.TryGetValue(LabelsPath, out var labels) ? LabelsOf(labels) : [],
        [.. texts.Where(text => text.Key != LabelsPath).Select(text => new RecipeView(text.Key, Cut(text.Value.Storable()!, MaxRecipeLength)))],
        Paths(files, path => path.EndsWith(".ipynb", StringComparison.OrdinalIgnoreCase)),
        new SampleDataView(
            Below(files, "sample-inputs/"), Below(files, "sample-outputs/"), Below(files, "sample-labels/"), Below(files, "sample-originals/"),
            [.. files.Where(file => file.Path.EndsWith("/input_0.pb", StringComparison.Ordinal)).Select(file => file.Path[..^"/input_0.pb".Length]).Take(MaxPaths)]));

    /// <summary>The first fit file is what Benchmark measures; without one the largest model file stands for the kit.</summary>
    private static MainFileView? MainOf(IReadOnlyList<FileReading> files)
    {
        var models = files.Where(file => file.Inspection is { } inspection && !SideFormats.Contains(inspection.Format)).ToList();
        if ((models.FirstOrDefault(file => file.Inspection!.FitToRun) ?? models.MaxBy(file => file.SizeBytes)) is not { Inspection: { } facts } main) return null;
        var beside = main.ExternalData.Distinct().Sum(path => files.FirstOrDefault(file => file.Path == path)?.SizeBytes ?? 0);
        var quantisation = facts.Quantisation is { } how ? $"{how.Scheme} {string.Join(' ', how.WeightTypes)}".TrimEnd() : null;
        return new MainFileView(main.Path, facts.Format, main.SizeBytes + beside, facts.Sparsity, quantisation.Storable());
    }

    private static List<string> LabelsOf(string text) =>
        [.. text.Storable()!.TrimEnd().Split('\n').Take(MaxLabels).Select(line => Cut(line.Trim(), MaxLabelLength))];

    private static List<string> Below(IReadOnlyList<FileReading> files, string folder) => Paths(files, path => path.StartsWith(folder, StringComparison.Ordinal));

    private static List<string> Paths(IReadOnlyList<FileReading> files, Func<string, bool> wanted) =>
        [.. files.Select(file => file.Path).Where(wanted).Take(MaxPaths)];

    private static string Cut(string text, int max) => text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];

    [GeneratedRegex(@"^(recipes?/)?recipe[^/]*\.(ya?ml|md|json)\z|^recipes?/[^/]+\.(ya?ml|md|json)\z", RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex RecipePath();
}
