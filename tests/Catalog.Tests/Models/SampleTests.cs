using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Formats.Cards;
using ZooPlatform.Formats.Notebooks;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Catalog.Tests.Models;

/// <summary>The kits that every new zoo starts with.</summary>
public sealed partial class SampleTests(CatalogApp app) : IClassFixture<CatalogApp>
{
    private const string Damaged = "digits-cnn-damaged";

    public static TheoryData<string> Kits { get; } = [.. Directory.GetDirectories(Folder()).Select(kit => Path.GetFileName(kit))];

    [Theory]
    [MemberData(nameof(Kits))]
    public async Task A_sample_kit_is_fit_to_run_fully_described_and_without_a_defect_but_the_one_it_is_made_for(string kit)
    {
        var model = await PushAsync(kit);

        Assert.True(model.Files.Single(file => file.Path == model.Kit!.Main!.Path).Fit);
        Assert.Contains("onnx", model.Formats);
        Assert.Equal(kit == Damaged ? ["tensor.nan"] : [], model.Findings.Where(finding => finding.Severity != "info" && finding.Kind != "gguf.chat-template").Select(finding => finding.Kind));
        Assert.InRange(model.Findings.Count, 0, 5);
        Assert.NotNull(model.Task);
        Assert.NotNull(model.Domain);
        Assert.NotNull(model.License);
        Assert.Equal(kit == Damaged, model.Stub is null);
        Assert.NotEqual(kit, model.Title);
        Assert.NotNull(model.Parameters);   // trees keep their numbers in attributes: 0
        Assert.All(model.Files.Where(file => file.Path.EndsWith(".py", StringComparison.Ordinal)), file => Assert.Null(file.Format));
        Assert.NotEmpty(model.Kit!.Metrics);
        Assert.NotEmpty(model.Kit.Samples.TestSets);
        Assert.Equal(model.Kit.Samples.Inputs.Count, model.Kit.Samples.Outputs.Count);
        Assert.Equal(model.Kit.Samples.Inputs.Count, model.Kit.Samples.Labels.Count);
        Assert.NotEmpty(model.Kit.Samples.Inputs);
        if (model.Task == "image-classification")
        {
            Assert.Equal(Enumerable.Range(0, 10).Select(digit => $"{digit}"), model.Kit.Labels);
            Assert.Equal(10, model.Kit.Samples.Originals.Count);
        }
    }

    /// <summary>Code spans that look like a file or folder, and links: of this kit, or of the sample that a link names.</summary>
    [Theory]
    [MemberData(nameof(Kits))]
    public void What_a_card_points_at_is_there(string kit)
    {
        var card = File.ReadAllText(Path.Combine(Folder(), kit, "README.md"));
        foreach (var path in CodePaths().Matches(card).Select(match => match.Groups[1].Value))
            Assert.True(Exists(kit, path) || (path.StartsWith("make/", StringComparison.Ordinal) && Exists("digits-cnn", path)), $"{kit} has no {path}");
        foreach (Match link in Links().Matches(card))
            Assert.True(link.Groups[2].Value is "" ? Directory.Exists(Path.Combine(Folder(), link.Groups[1].Value)) : Exists(link.Groups[1].Value, link.Groups[2].Value), link.Value);

        static bool Exists(string kit, string path)
        {
            var whole = Path.Combine(Folder(), kit, path.Replace("_0..2/", "_0/"));
            return File.Exists(whole) || Directory.Exists(whole);
        }
    }

    [Fact]
    public void The_digits_family_hangs_together()
    {
        foreach (var (kit, parent, relation) in new[]
        {
            ("digits-cnn-pruned", "digits-cnn", "pruned"), ("digits-cnn-int8", "digits-cnn", "quantised"),
            ("digits-cnn-pruned-int8", "digits-cnn-pruned", "quantised"), (Damaged, "digits-cnn", "damaged"),
        })
        {
            var card = CardOf(kit);
            Assert.Equal(($"samples/{parent}", relation), (Assert.Single(card.BaseModels), card.Zoo.Relation));
            Assert.True(Directory.Exists(Path.Combine(Folder(), parent)));
        }
    }

    [Fact]
    public void Notebooks_can_be_read_and_show_pictures_and_answers()
    {
        var notebooks = Directory.GetFiles(Folder(), "*.ipynb", SearchOption.AllDirectories);
        Assert.True(notebooks.Length >= 2);
        foreach (var file in notebooks)
        {
            var notebook = NotebookReader.Read(File.ReadAllBytes(file));
            Assert.Equal("python", notebook.Language);
            Assert.Contains(notebook.Cells, cell => cell.Kind == "markdown");
            Assert.All(notebook.Cells.SelectMany(cell => cell.Outputs), output => Assert.Contains(output.Kind, new[] { "text", "picture" }));
            Assert.Contains(notebook.Cells, cell => cell.Outputs.Count > 0);
        }
    }

    /// <summary>The models are the family's, byte for byte, and their cards say of them what the family's makers measured.</summary>
    [CorpusFact]
    public async Task Accuracies_in_cards_are_those_of_the_familys_index()
    {
        using var index = JsonDocument.Parse(await File.ReadAllBytesAsync(SharedFolder.File("families/digits/index.json")));
        var measured = index.RootElement.GetProperty("entries").EnumerateArray()
            .SelectMany(entry => entry.GetProperty("files").EnumerateArray().Select(file => (Hash: file.GetProperty("sha256").GetString()!, Entry: entry)))
            .Where(file => file.Entry.TryGetProperty("measured", out var figures) && figures.TryGetProperty("top1", out _))
            .ToLookup(file => file.Hash, file => file.Entry.GetProperty("measured").GetProperty("top1").GetDouble());
        foreach (var kit in Directory.GetDirectories(Folder(), "digits-*").Select(path => Path.GetFileName(path)))
        {
            var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Folder(), kit, "model.onnx"))));
            var expected = measured[hash].First();
            var metric = Assert.Single(CardOf(kit).Results);
            Assert.Equal(("accuracy", expected), (metric.Type, metric.Value));
        }
    }

    private static Card CardOf(string kit) => CardReader.Read(File.ReadAllText(Path.Combine(Folder(), kit, "README.md")));

    private async Task<ModelView> PushAsync(string kit)
    {
        var folder = Path.Combine(Folder(), kit);
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(folder, path), File.ReadAllBytes(path))).ToArray();
        return await app.Push(kit, Visibility.Public, files);
    }

    private static string Folder() => Path.Combine(SharedFolder.Repository, "samples");

    [GeneratedRegex(@"(?<!`)`([a-z0-9_-]+(?:/[A-Za-z0-9_.-]+)*(?:/|\.(?:onnx|safetensors|gguf|json|txt|yaml|py|sh|ipynb)))`")]
    private static partial Regex CodePaths();

    [GeneratedRegex(@"\]\(/samples/([a-z0-9-]+)(?:/notebook/([^)]+))?\)")]
    private static partial Regex Links();
}
