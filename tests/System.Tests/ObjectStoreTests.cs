using System.Net;
using System.Security.Cryptography;
using Xunit;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Tests.Whole;

/// <summary>The whole platform with its blobs in a bucket, as <c>./zoo up</c> starts it by docs/object-store.md.</summary>
public sealed class ObjectStoreTests
{
    [CephFact]
    [Trait("Category", "Long")]   // a platform and a Ceph of its own
    public async Task A_zoo_on_a_bucket_does_what_a_zoo_does()
    {
        var ceph = await CephGateway.Shared;
        await using var platform = await Platform.StartAsync(new Circumstances([], new Dictionary<string, string>
        {
            ["ZOO_S3_BUCKET"] = ceph.NewBucket(), ["ZOO_S3_ENDPOINT"] = ceph.Endpoint, ["ZOO_S3_ACCESS_KEY"] = CephGateway.AccessKey, ["ZOO_S3_SECRET_KEY"] = CephGateway.SecretKey,
        }));
        var owner = await platform.NewOrganisationAsync();
        var kit = platform.NewFolder("kit");
        var weights = RandomNumberGenerator.GetBytes(90_000_000);   // several parts, several ranges
        await File.WriteAllBytesAsync(Path.Combine(kit, "weights.bin"), weights);
        await File.WriteAllTextAsync(Path.Combine(kit, "README.md"), "# In a bucket");
        for (var i = 0; i < 300; i++) await File.WriteAllTextAsync(Path.Combine(kit, $"small{i}.txt"), $"{i}");

        // The command line: all of it, then a change of it, then back.
        await platform.Zoo.JsonAsync("push", kit, $"{owner}/big", "-m", "first");
        var first = Path.Combine(platform.NewFolder("first"), "out");
        await platform.Zoo.JsonAsync("pull", $"{owner}/big", first);
        Files.ShouldBeSame(kit, first);
        RandomNumberGenerator.Fill(weights.AsSpan(50_000_000, 100_000));
        await File.WriteAllBytesAsync(Path.Combine(kit, "weights.bin"), weights);
        await platform.Zoo.JsonAsync("push", kit, $"{owner}/big", "-m", "second");
        await platform.Zoo.JsonAsync("pull", $"{owner}/big", first);
        Files.ShouldBeSame(kit, first);

        // A plain client: a large read leads to the store, which knows no token; a program of ours and an archive get it from the zoo.
        using var http = platform.Http(platform.AdminToken);
        using var led = await http.GetAsync($"/api/v1/repositories/{owner}/big/files/main/weights.bin");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, led.StatusCode);
        Assert.Equal(new Uri(ceph.Endpoint).Port, led.Headers.Location!.Port);
        using var anybody = new HttpClient();
        using var part = await anybody.SendAsync(new HttpRequestMessage(HttpMethod.Get, led.Headers.Location) { Headers = { Range = new(1_000_000, 20_999_999) } });
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(weights[1_000_000..21_000_000], await part.Content.ReadAsByteArrayAsync());
        var archive = await http.GetByteArrayAsync($"/api/v1/repositories/{owner}/big/archive/main.tar");
        Assert.True(archive.AsSpan().IndexOf(weights) > 0);

        // The other services read kits from it too.
        await Files.EventuallyAsync(TimeSpan.FromMinutes(1), async () =>
        {
            var run = await platform.Zoo.JsonAsync("bench", "samples/digits-cnn-int8", "--wait");
            Assert.Equal("succeeded", run.GetProperty("status").GetString());
        });
        Assert.Empty(Directory.Exists(platform.DataFile("artifact", "blobs")) ? Directory.GetFiles(platform.DataFile("artifact", "blobs"), "*", SearchOption.AllDirectories) : []);
        Assert.All(Directory.GetFiles(platform.DataFile("logs")), log => Assert.DoesNotContain("X-Amz-Signature", File.ReadAllText(log), StringComparison.OrdinalIgnoreCase));
    }
}
