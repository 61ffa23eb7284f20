using System.Text.Json;
using Aspire.Hosting.Testing;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Compat.Tests.Manifests;

public sealed class CommittedManifestTests
{
    private static readonly string CommittedPath = Path.Combine(Repository.Root, "aspire-manifest.json");

    [Fact]
    public async Task The_committed_manifest_is_what_the_AppHost_publishes_now()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.AppHost>(
            ["--publisher", "manifest", "--output-path", CommittedPath, "--ZOO_PORT", "8080"]);
        var written = await ManifestText.OfAsync(await builder.BuildAsync(), CommittedPath);

        Assert.True(written.Trim() == (await File.ReadAllTextAsync(CommittedPath)).Trim(),
            "aspire-manifest.json is stale. Run: dotnet run --project AppHost -- --publisher manifest --output-path aspire-manifest.json");
    }

    [CorpusFact]
    public async Task The_committed_manifest_satisfies_the_published_schema()
    {
        var schema = await Schema();

        Assert.Empty(schema.Validate(JsonDocument.Parse(await File.ReadAllTextAsync(CommittedPath)).RootElement));
    }

    [CorpusTheory]
    [InlineData("\"type\": \"project.v0\",", "\"type\": \"project.v0\", \"colour\": \"red\",")]
    [InlineData("\"scheme\": \"tcp\"", "\"scheme\": \"redis\"")]
    [InlineData("\"image\": \"library/postgres:18.3\",", "")]
    public async Task The_schema_check_sees_a_manifest_that_is_wrong(string right, string wrong)
    {
        var schema = await Schema();
        var manifest = await File.ReadAllTextAsync(CommittedPath);
        Assert.Contains(right, manifest);

        Assert.NotEmpty(schema.Validate(JsonDocument.Parse(manifest.Replace(right, wrong)).RootElement));
    }

    private static async Task<JsonSchema> Schema() => new(JsonDocument.Parse(
        await File.ReadAllTextAsync(SharedFolder.File("reference/aspire-manifest.schema.json"))).RootElement);
}
