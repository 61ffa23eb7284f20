using System.Security.Cryptography;
using Amazon.S3.Model;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Blobs.S3;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>A bucket of Ceph's gateway for one service, and what is done to it behind the service's back.</summary>
internal sealed class TestBucket : IDisposable
{
    /// <summary>From so many bytes on blobs are put in parts: the least that S3 allows.</summary>
    public const int PartBytes = 5 * 1024 * 1024;

    private readonly string _prefix;

    private TestBucket(CephGateway gateway, string prefix)
    {
        (Gateway, _prefix, Name) = (gateway, prefix, gateway.NewBucket());
        Bucket = new Bucket(Options.Create(new S3Options
        {
            Bucket = Name, Prefix = prefix, Endpoint = new Uri(gateway.Endpoint), AccessKey = CephGateway.AccessKey, SecretKey = CephGateway.SecretKey,
        }), new ConfigurationBuilder().Build());
    }

    public CephGateway Gateway { get; }

    public string Name { get; }

    public Bucket Bucket { get; }

    /// <summary>Those by which a service keeps its blobs here; redirects begin at a size that tests can have.</summary>
    public Dictionary<string, string> Settings => new(Gateway.SettingsOf(Name))
    {
        ["Artifact:S3:PartBytes"] = $"{PartBytes}", ["Artifact:S3:RedirectFromBytes"] = "100000", ["Artifact:S3:Prefix"] = _prefix,
    };

    /// <returns>Null: Ceph's gateway is not installed.</returns>
    public static async Task<TestBucket?> MakeAsync(string prefix = "") => CephGateway.SkipReason is null ? new TestBucket(await CephGateway.Shared, prefix) : null;

    public Task OverwriteAsync(string sha256, byte[] content) => Bucket.AskAsync(s3 => s3.PutObjectAsync(new PutObjectRequest
    {
        BucketName = Name, Key = KeyOf(sha256), InputStream = new MemoryStream(content),
    }), default);

    public Task LoseAsync(string sha256) => Bucket.AskAsync(s3 => s3.DeleteObjectAsync(Name, KeyOf(sha256)), default);

    /// <param name="folder"><c>blobs/</c>, <c>damaged/</c>.</param>
    public async Task<IReadOnlyList<string>> KeysAsync(string folder) =>
        [.. (await Bucket.AskAsync(s3 => s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = Name, Prefix = _prefix + folder }), default)).S3Objects?.Select(one => one.Key) ?? []];

    /// <summary>Reads every blob and compares it with its name.</summary>
    /// <returns>How many there are, and how many puts in parts nobody ended.</returns>
    public async Task<(int Objects, int Unfinished)> CheckAsync()
    {
        var objects = 0;
        var ask = new ListObjectsV2Request { BucketName = Name, Prefix = Bucket.BlobsPrefix };
        do
        {
            var page = await Bucket.AskAsync(s3 => s3.ListObjectsV2Async(ask), default);
            foreach (var one in page.S3Objects ?? [])
            {
                using var content = await Bucket.AskAsync(s3 => s3.GetObjectAsync(Name, one.Key), default);
                var actual = BlobHash.Of(await SHA256.HashDataAsync(content.ResponseStream));
                Assert.True(Bucket.HashOf(one.Key) == actual, $"The object {one.Key} has SHA-256 {actual}.");
                objects++;
            }
            ask.ContinuationToken = page.NextContinuationToken;
        }
        while (ask.ContinuationToken is not null);
        var unfinished = await Bucket.AskAsync(s3 => s3.ListMultipartUploadsAsync(Name), default);
        return (objects, unfinished.MultipartUploads?.Count ?? 0);
    }

    public void Dispose() => Bucket.Dispose();

    private string KeyOf(string sha256) => BlobHash.TryParse(sha256, out var hash) ? Bucket.KeyOf(hash) : throw new ArgumentException(sha256);
}
