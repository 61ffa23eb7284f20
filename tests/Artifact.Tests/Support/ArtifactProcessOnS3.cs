namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>The real service as a process of its own, with its blobs in a bucket of Ceph's gateway. Where that is not installed nothing starts.</summary>
public class ArtifactProcessOnS3 : ArtifactProcess
{
    private TestBucket? _objects;

    internal TestBucket Objects => _objects!;

    public override int PartBytes => TestBucket.PartBytes;

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(Objects.Settings) { ["Artifact:S3:RedirectFromBytes"] = "1000000" };

    public override async Task InitializeAsync()
    {
        _objects = await TestBucket.MakeAsync();
        if (_objects is not null) await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        if (_objects is null) return;
        await base.DisposeAsync();
        _objects.Dispose();
    }
}
