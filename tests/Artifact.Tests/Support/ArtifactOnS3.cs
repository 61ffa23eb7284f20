using ZooPlatform.Artifact.Blobs.S3;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>The service with its blobs in a bucket of Ceph's gateway. Where that is not installed nothing starts: its tests are skipped.</summary>
public class ArtifactOnS3 : ArtifactApp
{
    private TestBucket? _objects;

    public CephGateway Gateway => Objects.Gateway;

    public string Endpoint => Gateway.Endpoint;

    internal TestBucket Objects => _objects!;

    internal Bucket Bucket => Objects.Bucket;

    /// <summary>Settings beside those.</summary>
    protected virtual IReadOnlyDictionary<string, string> More => new Dictionary<string, string>();

    protected override IReadOnlyDictionary<string, string> Settings =>
        Objects.Settings.Concat(More).GroupBy(setting => setting.Key).ToDictionary(same => same.Key, same => same.Last().Value);

    public override async Task InitializeAsync()
    {
        _objects = await TestBucket.MakeAsync("some/zoo/");
        if (_objects is not null) await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        if (_objects is null) return;
        await base.DisposeAsync();
        _objects.Dispose();
    }
}
