using System.Text;
using ZooPlatform.Contracts;
using static ZooPlatform.Catalog.Tests.CatalogApp;

namespace ZooPlatform.Catalog.Tests.Inspections;

public sealed class InspectionTests(CatalogApp app) : IClassFixture<CatalogApp>
{
    [Fact]
    public async Task A_card_with_broken_YAML_is_a_finding_and_the_model_is_still_listed()
    {
        var name = Kit.Name();
        var model = await app.Push(name, Visibility.Public, Kit.Card("license: [mit\ntags: }{"), Kit.Onnx());
        Assert.Contains(model.Findings, finding => finding is { Kind: "card.front-matter-broken", Severity: "warning", Path: "README.md" });
        Assert.Equal("A Fine Model", model.Title);
        Assert.StartsWith("# A Fine Model", model.Card!.Markdown, StringComparison.Ordinal);
        Assert.Null(model.License);
        Assert.True(model.Files.Single(file => file.Path == "model.onnx").Fit);
    }

    [Fact]
    public async Task A_model_of_no_bytes_and_one_that_is_no_protobuf_are_findings_and_not_fit()
    {
        var model = await app.Push(Kit.Name(), Visibility.Public, ("empty.onnx", []), Kit.File("text.onnx", "This is no model."), Kit.Onnx("good.onnx"));
        Assert.Equal([("empty.onnx", false), ("good.onnx", true), ("text.onnx", false)], model.Files.Select(file => (file.Path, file.Fit!.Value)));
        Assert.Contains(model.Findings, finding => finding is { Severity: "error", Path: "empty.onnx" });
        Assert.Contains(model.Findings, finding => finding is { Severity: "error", Path: "text.onnx" });
        Assert.DoesNotContain(model.Findings, finding => finding.Path == "good.onnx");
    }

    [Theory]
    [InlineData("weights.bin", true)]
    [InlineData("missing.bin", false)]
    [InlineData("../../etc/passwd", false)]
    [InlineData("/etc/passwd", false)]
    public async Task External_data_makes_a_model_fit_only_when_it_is_a_file_of_the_kit(string location, bool fit)
    {
        var model = await app.Push(Kit.Name(), Visibility.Public, Kit.OnnxWithExternalData("model.onnx", location), ("weights.bin", new byte[8]));
        Assert.Equal(fit, model.Files.Single(file => file.Path == "model.onnx").Fit);
        Assert.Equal(!fit, model.Findings.Any(finding => finding.Severity == "error"));
    }

    [Fact]
    public async Task Weights_are_not_fetched()
    {
        var before = app.ServedBytes;
        var model = await app.Push(Kit.Name(), Visibility.Public, Kit.OnnxWithWeights(16 << 20));
        Assert.Equal(4 << 20, model.Parameters);
        Assert.True(model.Files.Single().Fit);
        Assert.InRange(app.ServedBytes - before, 1, 1 << 20);
    }

    [Fact]
    public async Task What_Artifact_cannot_give_now_is_read_when_it_is_back()
    {
        var name = Kit.Name();
        app.ContentIsAway = true;
        app.Tell(name, Visibility.Public, Kit.Onnx());
        var waiting = await Eventually(() => Find(app.Anonymous, name));
        Assert.True(waiting.Inspecting);
        await Task.Delay(300);
        app.ContentIsAway = false;
        await Eventually(async () => await Find(app.Anonymous, name) is { Inspecting: false } model ? model : null);
    }

    [Fact]
    public async Task Text_that_PostgreSQL_cannot_hold_is_stored_all_the_same()
    {
        var model = await app.Push(Kit.Name(), Visibility.Public,
            ("README.md", Encoding.UTF8.GetBytes("---\nlicense: \"m\\0it\"\ntags: [\"\\uD800\"]\n---\n# A \0 title\n\nA \0 text.\n")), Kit.Onnx());
        Assert.Equal("A \uFFFD title", model.Title);
        Assert.DoesNotContain('\0', model.Card!.Markdown);
    }

    [Fact]
    public async Task Of_a_kit_with_very_many_files_the_first_are_looked_into_and_a_finding_says_so()
    {
        var model = await app.Push(Kit.Name(), Visibility.Public, [.. Enumerable.Range(0, 160).Select(i => Kit.File($"{i:000}.txt", "text"))]);
        Assert.Equal(150, model.Files.Count);
        Assert.Equal(160 * 4, model.SizeBytes);
        Assert.Contains(model.Findings, finding => finding is { Kind: "kit.too-many-files", Path: null });
    }

    [Fact]
    public async Task A_card_that_costs_much_to_read_does_not_stop_the_worker()
    {
        var start = TimeProvider.System.GetTimestamp();
        await app.Push(Kit.Name(), Visibility.Public, Kit.Card("license: mit", string.Concat(Enumerable.Repeat("[a](", 20_000))));
        await app.Push(Kit.Name(), Visibility.Public, Kit.Card("license: mit", string.Concat(Enumerable.Repeat("> ", 20_000))));
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 10);
    }
}
