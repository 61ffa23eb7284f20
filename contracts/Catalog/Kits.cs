namespace ZooPlatform.Contracts.Catalog;

/// <summary>What a kit holds beside its models, by the places and names that docs/design.md and SparseZoo give them.</summary>
/// <param name="Main">The model file that is measured and served; of other formats the largest. Null without a model.</param>
/// <param name="Metrics">As the card's <c>model-index</c> states them, at most 50.</param>
/// <param name="Labels">Names of the classes by index: the lines of labels.txt, at most 1,000.</param>
/// <param name="Recipes">recipe.yaml, recipe_*.md and the like: how the model was made.</param>
/// <param name="Notebooks">Paths of .ipynb files.</param>
public sealed record KitView(
    MainFileView? Main, IReadOnlyList<MetricView> Metrics, IReadOnlyList<string> Labels, IReadOnlyList<RecipeView> Recipes,
    IReadOnlyList<string> Notebooks, SampleDataView Samples);

/// <param name="SizeBytes">With the files its weights lie in.</param>
/// <param name="Sparsity">Zeros among its weights, 0 to 1; null when they were not all read.</param>
/// <param name="Quantisation"><c>qdq int8</c>; null when it is not quantised.</param>
public sealed record MainFileView(string Path, string Format, long SizeBytes, double? Sparsity, string? Quantisation);

/// <param name="Name">As the card calls it: <c>top-1</c>.</param>
/// <param name="Type"><c>accuracy</c>, <c>f1</c>, ...</param>
/// <param name="Dataset">What it was measured on.</param>
public sealed record MetricView(string Name, string Type, double Value, string? Dataset);

/// <param name="Text">At most 16 Ki characters.</param>
public sealed record RecipeView(string Path, string Text);

/// <summary>Paths of sample data, at most 100 of each kind.</summary>
/// <param name="Inputs">sample-inputs/</param>
/// <param name="Outputs">sample-outputs/: what the model answers to the inputs.</param>
/// <param name="Labels">sample-labels/: what would be right.</param>
/// <param name="Originals">sample-originals/: inputs before they became tensors, such as pictures.</param>
/// <param name="TestSets">Folders with input_0.pb and output_0.pb, which a run compares with.</param>
public sealed record SampleDataView(
    IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<string> Labels, IReadOnlyList<string> Originals, IReadOnlyList<string> TestSets);
