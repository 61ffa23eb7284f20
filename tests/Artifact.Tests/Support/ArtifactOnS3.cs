using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Blobs.S3;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>The service with its blobs in a bucket of Ceph's gateway. Where that is not installed nothing starts: its tests are skipped.</summary>
public class ArtifactOnS3 : ArtifactApp
{
    private CephGateway? _gateway;
    private string _bucket = "";

    public CephGateway Gateway => _gateway!;

    public string Endpoint => Gateway.Endpoint;

    internal Bucket Bucket => Services.GetRequiredService<Bucket>();

    /// <summary>Settings beside those.</summary>
    protected virtual IReadOnlyDictionary<string, string> More => new Dictionary<string, string>();

    /// <summary>Parts and redirects begin at sizes that tests can have.</summary>
    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(Gateway.SettingsOf(_bucket)
        .Concat([new("Artifact:S3:PartBytes", "5242880"), new("Artifact:S3:RedirectFromBytes", "100000"), new("Artifact:S3:Prefix", "some/zoo/")])
        .ToDictionary().Concat(More).GroupBy(setting => setting.Key).Select(same => same.Last()));

    public override async Task InitializeAsync()
    {
        if (CephGateway.SkipReason is not null) return;
        _gateway = await CephGateway.Shared;
        _bucket = _gateway.NewBucket();
        await base.InitializeAsync();
    }

    public override Task DisposeAsync() => _gateway is null ? Task.CompletedTask : base.DisposeAsync();

    /// <summary>Changes an object behind the service's back.</summary>
    internal Task OverwriteAsync(string sha256, byte[] content) => Bucket.AskAsync(s3 => s3.PutObjectAsync(new Amazon.S3.Model.PutObjectRequest
    {
        BucketName = Bucket.Name, Key = KeyOf(sha256), InputStream = new MemoryStream(content),
    }), default);

    internal Task LoseAsync(string sha256) => Bucket.AskAsync(s3 => s3.DeleteObjectAsync(Bucket.Name, KeyOf(sha256)), default);

    internal async Task<IReadOnlyList<string>> KeysAsync(string folder) =>
        [.. (await Bucket.AskAsync(s3 => s3.ListObjectsV2Async(new Amazon.S3.Model.ListObjectsV2Request { BucketName = Bucket.Name, Prefix = $"some/zoo/{folder}" }), default)).S3Objects?.Select(one => one.Key) ?? []];

    private string KeyOf(string sha256) => BlobHash.TryParse(sha256, out var hash) ? Bucket.KeyOf(hash) : throw new ArgumentException(sha256);
}
