using ZooPlatform.Contracts;
using static ZooPlatform.Catalog.Tests.CatalogApp;

namespace ZooPlatform.Catalog.Tests.Models;

public sealed class RestoreTests(CatalogApp app) : IClassFixture<CatalogApp>
{
    [Fact]
    public async Task After_a_restore_of_Artifact_the_replica_is_rebuilt_and_what_did_not_come_back_is_gone()
    {
        var kept = await app.Push(Kit.Name(), Visibility.Public, Kit.Card("license: mit"), Kit.Onnx());
        var lost = await app.Push(Kit.Name(), Visibility.Public, Kit.Onnx());
        app.Delete(lost.Id);
        app.RestoreArtifact();
        await Eventually(async () => await Find(app.Anonymous, lost.Name) is null ? "gone" : null);
        var again = await Eventually(async () => await Find(app.Anonymous, kept.Name) is { Inspecting: false, Revision: not null } model ? model : null);
        Assert.Equal(kept with { Files = again.Files, Findings = again.Findings, Lineage = again.Lineage, Card = again.Card, Frameworks = again.Frameworks, Formats = again.Formats, Tags = again.Tags, Kit = again.Kit, Variants = again.Variants }, again);
    }
}
