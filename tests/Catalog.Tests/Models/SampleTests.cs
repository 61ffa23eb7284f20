using ZooPlatform.Contracts;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Catalog.Tests.Models;

/// <summary>The kits that every new zoo starts with.</summary>
public sealed class SampleTests(CatalogApp app) : IClassFixture<CatalogApp>
{
    public static TheoryData<string> Kits { get; } = [.. Directory.GetDirectories(Folder()).Select(kit => Path.GetFileName(kit))];

    [Theory]
    [MemberData(nameof(Kits))]
    public async Task A_sample_kit_is_fit_to_run_fully_described_and_without_a_defect(string kit)
    {
        var folder = Path.Combine(Folder(), kit);
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => (Path.GetRelativePath(folder, path), File.ReadAllBytes(path))).ToArray();
        var model = await app.Push(kit, Visibility.Public, files);

        Assert.True(model.Files.Single(file => file.Path == "model.onnx").Fit);
        Assert.Equal(["onnx"], model.Formats);
        Assert.DoesNotContain(model.Findings, finding => finding.Severity != "info");
        Assert.NotNull(model.Task);
        Assert.NotNull(model.Domain);
        Assert.NotNull(model.License);
        Assert.NotEqual(kit, model.Title);
        Assert.NotNull(model.Parameters);   // trees keep their numbers in attributes: 0
        Assert.All(model.Files.Where(file => file.Path.EndsWith(".py", StringComparison.Ordinal)), file => Assert.Null(file.Format));
    }

    private static string Folder() => Path.Combine(SharedFolder.Repository, "samples");
}
