using System.Net;
using System.Text.Json;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.GitLfs;

public sealed class XetTransferTests(ArtifactApp app) : IClassFixture<ArtifactApp>
{
    [Fact]
    public async Task Who_offers_xet_uploads_by_it_with_the_token_of_the_answer()
    {
        var (_, repo) = await app.ARepositoryAsync();
        var content = XetFiles.Random(app.Fresh("offered"), 300_000);
        var answer = await OfferAsync(repo, content);
        Assert.Equal("xet", answer.GetProperty("transfer").GetString());
        var upload = answer.GetProperty("objects")[0].GetProperty("actions").GetProperty("upload");
        var header = upload.GetProperty("header");
        Assert.Equal($"{ArtifactApp.PublicUrl}/xet", header.GetProperty("X-Xet-Cas-Url").GetString());
        Assert.NotEmpty(header.GetProperty("X-Xet-Session-Id").GetString()!);
        Assert.True(long.TryParse(header.GetProperty("X-Xet-Token-Expiration").GetString(), out _));
        using var renewed = await repo.Http.GetAsync(Lfs.Path(upload.GetProperty("href").GetString()!));
        await renewed.ShouldBeAsync(HttpStatusCode.OK);
        await new XetClient(app.Anonymous(), header.GetProperty("X-Xet-Access-Token").GetString()!).PushAsync(content);
        // What is there is not sent again: no action.
        Assert.False((await OfferAsync(repo, content)).GetProperty("objects")[0].TryGetProperty("actions", out _));
    }

    private static async Task<JsonElement> OfferAsync(Repo repo, byte[] content)
    {
        using var answer = await repo.Http.PostLfsAsync($"{repo.LfsUrl()}/objects/batch", new
        {
            operation = "upload", transfers = new[] { "basic", "multipart", "xet" }, hash_algo = "sha_256",
            objects = new[] { new { oid = Repo.Hash(content), size = content.Length } },
        });
        await answer.ShouldBeAsync(HttpStatusCode.OK);
        return await answer.JsonAsync();
    }
}
