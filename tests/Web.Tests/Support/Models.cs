using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Formats;

namespace ZooPlatform.Web.Tests.Support;

/// <summary>Models and runs as the services show them; fresh names, so that no test meets another's.</summary>
internal static class Models
{
    private static readonly DateTimeOffset s_day = new(2026, 3, 14, 9, 0, 0, TimeSpan.Zero);

    public const string Card =
        """
        # Digits, int8

        Tells handwritten digits apart. **Small** and quick; see [the recipe](recipe.yaml).

        | | name | type | shape |
        |---|---|---|---|
        | in | `image` | float32 | [batch, 1, 8, 8] |
        | out | `logits` | float32 | [batch, 10] |

        ```
        python infer.py sample-originals/a-rather-long-name-of-a-picture-that-does-not-fit-on-a-phone.png --top 3
        ```
        """;

    public static string Fresh(string word) => $"{word}{Guid.CreateVersion7().ToString("N")[20..]}";

    public static ModelView A(string? owner = null, string? name = null, string? title = null, string? card = Card, string task = "image-classification",
        string format = "onnx", Visibility visibility = Visibility.Public, IReadOnlyList<FindingView>? findings = null, IReadOnlyList<string>? more = null)
    {
        owner ??= Fresh("acme");
        name ??= "digits-cnn-int8";
        var model = new ModelFileView("model.onnx", new string('a', 64), 51_737, format, true, Inspected(format));
        return new ModelView(Guid.CreateVersion7(), owner, name, visibility, title ?? "Digits CNN, int8", "Handwritten digits, 8x8 grey pixels, in 8 bits.",
            new string('c', 40), false, $"cv/classification/digitscnn/pytorch/{owner}/digits/int8_qdq-none", task, "cv", ["pytorch"], [format], "apache-2.0",
            ["digits", "tiny"], 40_626, 61_204, card is null ? null : new CardView(new Dictionary<string, System.Text.Json.JsonElement>(), card),
            [
                new("README.md", new string('b', 64), 3_310, null, null, null), model,
                new("test_data_set_0/input_0.pb", new string('d', 64), 270, null, null, null),
                new("labels and more.txt", new string('e', 64), 20, null, null, null),
                .. (more ?? []).Select(path => new ModelFileView(path, new string('f', 64), 100, null, null, null)),
            ],
            findings ?? [], [new("samples/digits-cnn", "quantised")],
            new(Guid.CreateVersion7(), "model.onnx", 0.0156, 61_204, 48_000_000, true, "Xeon, 2 cores", s_day), s_day, s_day,
            new KitView(new("model.onnx", format, 51_737, 0.0104, "qdq int8"), [new("top-1", "accuracy", 0.984975, "digits, held-out third")],
                [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")], [new("recipe.yaml", "kind: quantisation\nmethod: static\n")],
                [.. (more ?? []).Where(path => path.EndsWith(".ipynb", StringComparison.Ordinal))],
                new SampleDataView(["sample-inputs/inp-0000.npz"], [], [], [.. (more ?? []).Where(path => path.StartsWith("sample-originals/", StringComparison.Ordinal))], ["test_data_set_0"])),
            []);
    }

    /// <summary>A base with a pruned, a quantised and a damaged variant, and one derived from the pruned; and which of them to show.</summary>
    public static (FamilyView Family, List<ModelView> Models) Family(string? owner = null)
    {
        owner ??= Fresh("samples");
        var names = new[] { "digits-cnn", "digits-cnn-damaged", "digits-cnn-int8", "digits-cnn-pruned", "digits-cnn-pruned-int8" };
        var models = names.Select(name => A(owner, name, $"Digits CNN{name["digits-cnn".Length..].Replace('-', ' ')}")).ToList();
        models = [.. models.Select((model, i) => model with { Lineage = i == 0 ? [] : [new($"{owner}/digits-cnn", "pruned", $"{owner}/digits-cnn")], Variants = i == 0 ? [new(models[1].Id, owner, names[1], "x", "damaged")] : [] })];
        RelativeView Relative(int i, long size, double zeros, double top1, double latency, int findings = 0) => new(
            models[i].Id, owner, names[i], models[i].Title, models[i].Task, ["onnx"], 40_394, new("model.onnx", "onnx", size, zeros, null), new("top-1", "accuracy", top1, null), latency, findings);
        return (new FamilyView(
            [Relative(0, 163_374, 0, 0.984975, 0.0140), Relative(1, 163_372, 0, 0, 0.0142, 1), Relative(2, 51_737, 0.0104, 0.984975, 0.0156), Relative(3, 163_374, 0.85, 0.988314, 0.0145), Relative(4, 51_737, 0.85, 0.986644, 0.0160)],
            [new(models[0].Id, models[1].Id, "damaged"), new(models[0].Id, models[2].Id, "quantised"), new(models[0].Id, models[3].Id, "pruned"), new(models[3].Id, models[4].Id, "quantised")],
            false), models);
    }

    public static RunView ARun(ModelView model, double p50 = 0.0156, RunStatus status = RunStatus.Succeeded, string? message = null) => new(
        Guid.CreateVersion7(), model.Id, $"{model.Owner}/{model.Name}", model.Revision!, "model.onnx", status, 1, message, new RunSettings(Threads: 1),
        new(Guid.CreateVersion7(), "Xeon, 2 cores", "Xeon", 2, 8_000_000_000, null, "Debian 12", "1.29.0", ["cpu"], []),
        status == RunStatus.Succeeded
            ? new(new(100, p50 * 0.9, p50 * 1.1, p50, p50 * 1.3, p50 * 1.5, p50 * 2, p50 * 3, p50 * 0.1), 1000 / p50, 4, 1, 48_000_000,
                new(true, 3, 150, 0, 0.01, 0.01, 1e-3, 1e-5, null))
            : null,
        s_day, s_day, s_day);

    private static Inspection Inspected(string format) => new()
    {
        Path = "model.onnx", Format = format, Framework = "pytorch", Producer = "pytorch 2.9", NodeCount = 36, ParameterCount = 40_626, WeightBytes = 41_000,
        Inputs = [new("image", "tensor", "float32", [Dimension.Named("batch"), Dimension.Of(1), Dimension.Of(8), Dimension.Of(8)])],
        Outputs = [new("logits", "tensor", "float32", [Dimension.Named("batch"), Dimension.Of(10)])],
        Operators = new Dictionary<string, int> { ["DequantizeLinear"] = 19, ["QuantizeLinear"] = 9, ["Conv"] = 3, ["Gemm"] = 2, ["MaxPool"] = 2, ["Flatten"] = 1 },
        Quantisation = new("qdq", ["int8"], true),
    };
}
