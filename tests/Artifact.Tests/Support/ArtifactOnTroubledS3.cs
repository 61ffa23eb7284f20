using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>The service with its blobs in a bucket whose store can be made to misbehave; every byte goes through the service.</summary>
public class ArtifactOnTroubledS3 : ArtifactOnS3
{
    private TroubledStore? _store;

    internal TroubledStore Store => _store!;

    protected override IReadOnlyDictionary<string, string> More => new Dictionary<string, string>
    {
        ["Artifact:S3:Endpoint"] = Store.Endpoint, ["Artifact:S3:Redirect"] = "false", ["Artifact:S3:Silence"] = "00:00:01",
    };

    public override async Task InitializeAsync()
    {
        if (CephGateway.SkipReason is null) _store = new TroubledStore((await CephGateway.Shared).Endpoint);
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (_store is not null) await _store.DisposeAsync();
    }
}

/// <summary>Clients reach the store at another address than the service, for the shortest time there can be.</summary>
public sealed class ArtifactOnS3WithPublicEndpoint : ArtifactOnTroubledS3
{
    protected override IReadOnlyDictionary<string, string> More => new Dictionary<string, string>
    {
        ["Artifact:S3:PublicEndpoint"] = Store.Endpoint, ["Artifact:S3:RedirectLife"] = "00:00:10",
    };
}

/// <summary>No blob is asked for before its turn.</summary>
public sealed class ArtifactOnS3OneByOne : ArtifactOnTroubledS3
{
    protected override IReadOnlyDictionary<string, string> More => new Dictionary<string, string>(base.More) { ["Artifact:S3:AtOnce"] = "1" };
}

/// <summary>The service as a process, with a store that is reached by TLS and by names of which the bucket is a part. Those names stand in an
/// /etc/hosts of its own.</summary>
public sealed class ArtifactOnS3ByTls : ArtifactProcessOnS3
{
    public string Endpoint => Objects.Gateway.TlsEndpoint;

    public string CertificateFile => Objects.Gateway.CertificateFile;

    public string BucketName => Objects.Name;

    protected override IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(base.Settings)
    {
        ["Artifact:S3:Endpoint"] = Objects.Gateway.TlsEndpoint, ["Artifact:S3:ForcePathStyle"] = "false", ["SSL_CERT_FILE"] = Objects.Gateway.CertificateFile,
    };

    protected override IReadOnlyList<string> Wrapper =>
        ["unshare", "--mount", .. Environment.IsPrivilegedProcess ? Array.Empty<string>() : ["--user", "--map-root-user"], "sh", "-c",
            $"printf '127.0.0.1 localhost {CephGateway.Name} %s.{CephGateway.Name}\\n' {BucketName} > {DataFolder}/hosts && mount --bind {DataFolder}/hosts /etc/hosts && exec \"$@\"", "sh"];
}
