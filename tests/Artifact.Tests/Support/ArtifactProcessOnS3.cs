using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Blobs.S3;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>The real service as a process of its own, with its blobs in a bucket of Ceph's gateway. Where that is not installed nothing starts.</summary>
public class ArtifactProcessOnS3 : ArtifactProcess
{
    private CephGateway _gateway = null!;
    private string _bucket = "";

    protected CephGateway Gateway => _gateway;

    /// <summary>The least that S3 allows.</summary>
    public override int PartBytes => 5 * 1024 * 1024;

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(_gateway.SettingsOf(_bucket))
    {
        ["Artifact:S3:PartBytes"] = "5242880", ["Artifact:S3:RedirectFromBytes"] = "1000000",
    };

    public override async Task InitializeAsync()
    {
        if (CephGateway.SkipReason is not null) return;
        _gateway = await CephGateway.Shared;
        _bucket = _gateway.NewBucket();
        await base.InitializeAsync();
    }

    public override Task DisposeAsync() => _gateway is null ? Task.CompletedTask : base.DisposeAsync();

    /// <summary>Reads every object of the bucket and compares it with its name.</summary>
    /// <returns>How many there are, and how many puts in parts nobody ended.</returns>
    public async Task<(int Objects, int Unfinished)> CheckObjectsAsync()
    {
        using var bucket = OpenBucket();
        var objects = 0;
        var ask = new Amazon.S3.Model.ListObjectsV2Request { BucketName = bucket.Name, Prefix = bucket.BlobsPrefix };
        do
        {
            var page = await bucket.AskAsync(s3 => s3.ListObjectsV2Async(ask), default);
            foreach (var one in page.S3Objects ?? [])
            {
                using var content = await bucket.AskAsync(s3 => s3.GetObjectAsync(bucket.Name, one.Key), default);
                var actual = BlobHash.Of(await SHA256.HashDataAsync(content.ResponseStream));
                Assert.True(bucket.HashOf(one.Key) == actual, $"The object {one.Key} has SHA-256 {actual}.");
                objects++;
            }
            ask.ContinuationToken = page.NextContinuationToken;
        }
        while (ask.ContinuationToken is not null);
        var unfinished = await bucket.AskAsync(s3 => s3.ListMultipartUploadsAsync(bucket.Name), default);
        return (objects, unfinished.MultipartUploads?.Count ?? 0);
    }

    private Bucket OpenBucket()
    {
        var none = new ConfigurationBuilder().Build();
        return new Bucket(Options.Create(new S3Options { Bucket = _bucket, Endpoint = new Uri(_gateway.Endpoint), AccessKey = CephGateway.AccessKey, SecretKey = CephGateway.SecretKey }), none);
    }
}
