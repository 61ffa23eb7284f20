using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Xet;

/// <summary>npm's @huggingface/hub uploads by Xet and by LFS to the service itself; through the gateway it does so in System.Tests.</summary>
[Trait("Category", "Long")]
public sealed class JavaScriptClientTests(ArtifactApp local, ArtifactOnS3 s3) : IClassFixture<ArtifactApp>, IClassFixture<ArtifactOnS3>
{
    [Fact]
    public Task It_sends_only_what_is_new_and_gets_back_what_it_sent() => UploadAsync(local);

    [CephFact]
    public Task It_does_so_too_where_blobs_are_in_a_bucket_and_large_ones_come_from_there() => UploadAsync(s3);

    private static async Task UploadAsync(ArtifactApp app)
    {
        var folder = Directory.CreateTempSubdirectory("zoo-test-hub-");
        try
        {
            var ada = app.AUser();
            var client = await NodeClient.InstallAsync("tests/System.Tests/HubClients/huggingface-hub", folder.FullName);
            var ran = await client.RunAsync(["xet.mjs"], ("ZOO_URL", ArtifactApp.PublicUrl), ("TOKEN", "hf_unread"), ("NAMESPACE", ada.Name),
                ("DIRECT_URL", ada.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)), ("DIRECT_CALLER", ada.Http.DefaultRequestHeaders.Authorization!.Parameter!),
                ("DIRECT_NOBODY", TestTokens.Anonymous()));
            Assert.Contains("/xet/v1/shards", ran, StringComparison.Ordinal);
            // It ends some chunks 64 bytes before the smallest size that others cut: such xorbs wait for their day, and count to nobody's quota.
            await using var database = Npgsql.NpgsqlDataSource.Create(app.ConnectionString);
            await using var command = database.CreateCommand("select coalesce(sum(size_bytes), 0)::bigint from xorb_uploads");
            Assert.Equal(0L, await command.ExecuteScalarAsync());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
