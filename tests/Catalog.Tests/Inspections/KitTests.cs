using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;
using static ZooPlatform.Catalog.Tests.CatalogApp;

namespace ZooPlatform.Catalog.Tests.Inspections;

public sealed class KitTests(CatalogApp app) : IClassFixture<CatalogApp>
{
    [Fact]
    public async Task A_kits_labels_recipe_figures_notebook_and_samples_are_told()
    {
        var model = await app.Push(Kit.Name(), Visibility.Public,
            Kit.Card("model-index: [{results: [{dataset: {type: digits}, metrics: [{type: accuracy, value: 0.5}, {type: f1, value: high}, {type: f1, value: 1e999}, {value: 1}]}]}, 3, {results: 1}]"),
            Kit.Onnx("a/model.onnx"), Kit.File("labels.txt", "cat\n  dog\r\n\nbird\n"), Kit.File("recipe.yaml", "epochs: 3\n"), Kit.File("recipe_pruned.md", "---\n"),
            Kit.File("look.ipynb", "{}"), Kit.File("sample-inputs/inp-0.npz", "x"), Kit.File("sample-outputs/out-0.npz", "x"), Kit.File("sample-labels/lab-0.npz", "x"),
            Kit.File("sample-originals/cat.png", "x"), Kit.File("a/test_data_set_0/input_0.pb", "x"), Kit.File("a/test_data_set_0/output_0.pb", "x"));
        var kit = model.Kit!;
        Assert.Equal(("a/model.onnx", "onnx"), (kit.Main!.Path, kit.Main.Format));
        Assert.Equal(new MetricView("accuracy", "accuracy", 0.5, "digits"), Assert.Single(kit.Metrics));
        Assert.Equal(["cat", "dog", "", "bird"], kit.Labels);
        Assert.Equal([new("recipe.yaml", "epochs: 3\n"), new("recipe_pruned.md", "---\n")], kit.Recipes);
        Assert.Equal(["look.ipynb"], kit.Notebooks);
        Assert.Equal(["sample-inputs/inp-0.npz"], kit.Samples.Inputs);
        Assert.Equal(["sample-outputs/out-0.npz"], kit.Samples.Outputs);
        Assert.Equal(["sample-labels/lab-0.npz"], kit.Samples.Labels);
        Assert.Equal(["sample-originals/cat.png"], kit.Samples.Originals);
        Assert.Equal(["a/test_data_set_0"], kit.Samples.TestSets);
    }

    [Fact]
    public async Task Labels_and_recipes_of_any_size_and_bytes_cost_little()
    {
        var model = await app.Push(Kit.Name(), Visibility.Public, Kit.Onnx(),
            ("labels.txt", [.. Enumerable.Repeat((byte)'\n', 2 << 20)]), ("recipe.yaml", [0, 0xff, 0xfe, .. new byte[2 << 20]]));
        Assert.InRange(model.Kit!.Labels.Count, 0, 1000);
        Assert.InRange(Assert.Single(model.Kit.Recipes).Text.Length, 1, 16 << 10);
    }

    [Fact]
    public async Task Many_files_with_the_same_note_get_one()
    {
        var model = await app.Push(Kit.Name(), Visibility.Public, [Kit.Onnx(), .. Enumerable.Range(0, 30).Select(i => ($"sample-inputs/inp-{i:00}.npz", Kit.Npz))]);
        var note = Assert.Single(model.Findings);
        Assert.Equal(("format.not-read", "info", null), (note.Kind, note.Severity, note.Path));
        Assert.Contains("30 files", note.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_did_not_change_is_not_read_again_and_one_that_did_is()
    {
        var name = Kit.Name();
        var weights = Kit.OnnxWithWeights(1 << 20);
        await app.Push(name, Visibility.Public, weights, Kit.OnnxWithExternalData("outside.onnx", "weights.bin"), ("weights.bin", new byte[8]));
        var before = app.ServedBytes;
        var again = await app.Push(name, Visibility.Public, weights, Kit.OnnxWithExternalData("outside.onnx", "weights.bin"), Kit.File("notes.txt", "new"));
        Assert.InRange(app.ServedBytes - before, 1, 4096);
        Assert.Equal(1 << 18, again.Parameters);
        Assert.False(again.Files.Single(file => file.Path == "outside.onnx").Fit);   // its weights went, though its own bytes stayed

        var changed = await app.Push(name, Visibility.Public, ("model.onnx", Kit.Onnx().Item2));
        Assert.Equal("x", Assert.Single(changed.Files.Single().Inspection!.Inputs).Name);
        Assert.Equal(0, changed.Parameters);
    }
}
