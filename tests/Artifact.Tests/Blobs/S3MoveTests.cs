using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Blobs;

/// <summary>A service whose blobs are files or objects, as it was started last.</summary>
public sealed class ArtifactThatMoves : ArtifactProcessOnS3
{
    public bool InBucket { get; set; }

    public string Endpoint => Objects.Gateway.Endpoint;

    public string BucketName => Objects.Name;

    protected override IReadOnlyDictionary<string, string> Settings => InBucket ? base.Settings : new Dictionary<string, string>();
}

/// <summary>The commands of docs/object-store.md.</summary>
[Trait("Category", "Long")]
public sealed class S3MoveTests(ArtifactThatMoves zoo) : IClassFixture<ArtifactThatMoves>
{
    [RcloneFact]
    public async Task Blobs_move_into_a_bucket_and_back_by_a_plain_copy()
    {
        var repo = await zoo.ARepositoryAsync();
        byte[] large = UploadTests.RandomBytes(12_000_000), small = UploadTests.RandomBytes(3_000), later = UploadTests.RandomBytes(11_000_000);
        var head = await repo.PushAsync(null, ("large.bin", large), ("small.bin", small), ("empty", []));
        using var tool = new Tool();
        await RcloneAsync(tool, "config", "create", "store", "s3", "provider=Ceph", $"endpoint={zoo.Endpoint}", $"access_key_id={CephGateway.AccessKey}", $"secret_access_key={CephGateway.SecretKey}");
        string blobs = Path.Combine(zoo.DataFolder, "artifact", "blobs"), bucket = $"store:{zoo.BucketName}/blobs";

        await zoo.KillAsync();
        await RcloneAsync(tool, "copy", "--checksum", blobs, bucket);
        Directory.Delete(blobs, recursive: true);
        zoo.InBucket = true;
        await zoo.RunAsync();
        await ShouldHoldAsync(repo, head.Id, ("large.bin", large), ("small.bin", small), ("empty", []));
        head = await repo.PushAsync(head.Id, ("later.bin", later));
        Assert.Equal(5, (await zoo.Objects.CheckAsync()).Objects);   // each what its name says; .gitattributes is one

        await zoo.KillAsync();
        await RcloneAsync(tool, "copy", "--checksum", bucket, blobs);
        await tool.RunAsync("sync");
        zoo.InBucket = false;
        await zoo.RunAsync();
        await ShouldHoldAsync(repo, head.Id, ("large.bin", large), ("small.bin", small), ("empty", []), ("later.bin", later));
        await repo.PushAsync(head.Id, ("more.bin", UploadTests.RandomBytes(100)));
    }

    /// <remarks>A machine's own authorities for AWS are none of the test's business, and rclone fails over them.</remarks>
    private static Task RcloneAsync(Tool tool, params string[] arguments) => tool.RunAsync("env", ["-u", "AWS_CA_BUNDLE", "rclone", .. arguments]);

    private static async Task ShouldHoldAsync(Repo repo, string revision, params (string Path, byte[] Content)[] files)
    {
        foreach (var (path, content) in files) Assert.Equal(content, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/{revision}/{path}"));
    }
}

/// <summary>A test that needs an object store and rclone; nothing else does, so it is not asked for anywhere.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RcloneFactAttribute : FactAttribute
{
    public RcloneFactAttribute() => Skip = CephGateway.SkipReason ?? (File.Exists("/usr/bin/rclone") ? null : "rclone is not installed (apt-get install rclone).");
}
