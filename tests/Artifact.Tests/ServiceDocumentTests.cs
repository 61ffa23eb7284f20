using System.Text.Json.Nodes;
using ZooPlatform.Artifact.Tests.Support;

namespace ZooPlatform.Artifact.Tests;

public sealed class ServiceDocumentTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    /// <remarks>As the gateway asks for it: without a token.</remarks>
    [Fact]
    public async Task The_part_of_the_API_s_document_can_be_made()
    {
        using var http = new HttpClient { BaseAddress = app.AService().BaseAddress };
        var part = JsonNode.Parse(await http.GetByteArrayAsync("/internal/openapi.json"))!;
        Assert.NotNull(part["paths"]!["/api/v1/uploads"]);
    }
}
