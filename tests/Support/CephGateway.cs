using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace ZooPlatform.Tests.Support;

/// <summary>A real object store for all tests of a process: Ceph's gateway on one monitor and one daemon that keeps objects in memory.
/// Up in about 12 s; it ends with the process, also when that is killed.</summary>
public sealed class CephGateway
{
    public const string AccessKey = "AK", SecretKey = "SK", Name = "s3.zoo.test";

    // $1: a folder with tls.pem; $2, $3, $4: the ports of the monitor and of the gateway, plain and with TLS
    private const string StartScript = """
        set -e
        cd "$1"; mkdir mon osd run rgw; fsid=$(cat /proc/sys/kernel/random/uuid); osd=$(cat /proc/sys/kernel/random/uuid)
        cat > ceph.conf <<CONF
        [global]
        fsid = $fsid
        mon host = [v1:127.0.0.1:$2]
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        ms bind msgr2 = false
        auth cluster required = none
        auth service required = none
        auth client required = none
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 1
        osd pool default pg autoscale mode = off
        osd crush chooseleaf type = 0
        mon allow pool size one = true
        run dir = $PWD/run
        admin socket = $PWD/run/\$name.asok
        log file = $PWD/\$name.log
        pid file = $PWD/run/\$name.pid
        [mon]
        mon data = $PWD/mon
        mon data avail crit = 1   # of a small disk's space, in percent
        [osd]
        osd data = $PWD/osd
        osd objectstore = memstore
        memstore device bytes = 2147483648
        [client.rgw]
        rgw data = $PWD/rgw
        rgw frontends = beast endpoint=127.0.0.1:$3 ssl_endpoint=127.0.0.1:$4 ssl_certificate=$PWD/tls.pem
        rgw dns name = s3.zoo.test
        CONF
        monmaptool --create --addv a "[v1:127.0.0.1:$2]" --fsid "$fsid" monmap
        ceph-mon -c ceph.conf --mkfs -i a --monmap monmap; ceph-mon -c ceph.conf -i a
        ceph -c ceph.conf osd new "$osd" 0
        ceph-osd -c ceph.conf -i 0 --osd-uuid "$osd" --mkfs --no-mon-config
        for try in 1 2 3 4 5 6 7 8 9 10; do ceph-osd -c ceph.conf -i 0 && break; sleep 0.5; done   # it asks before it knows which cluster it is in, now and then
        until ceph -c ceph.conf osd stat | grep -q '1 up'; do sleep 0.5; done
        radosgw -c ceph.conf -n client.rgw
        radosgw-admin -c ceph.conf user create --uid test --display-name t --access-key AK --secret SK
        """;

    private static readonly Lazy<Task<CephGateway>> s_shared = new(StartAsync);
    private int _buckets;

    private CephGateway(string folder, int port, int tlsPort) => (Folder, Endpoint, TlsEndpoint) = (folder, $"http://127.0.0.1:{port}", $"https://{Name}:{tlsPort}");

    public static Task<CephGateway> Shared => s_shared.Value;

    /// <summary>Why there is none on this machine; null when there is. Where CI=true it is never excused.</summary>
    public static string? SkipReason { get; } = Environment.GetEnvironmentVariable("CI") == "true" ? null
        : File.Exists("/usr/bin/radosgw") && File.Exists("/usr/bin/ceph-mon") && File.Exists("/usr/bin/ceph-osd") ? null
        : "Ceph's gateway is not installed: ./zoo test installs it (apt-get install --no-install-recommends ceph-mon ceph-osd ceph-common radosgw).";

    public string Folder { get; }

    public string Endpoint { get; }

    /// <summary>The same gateway with TLS, by a name that no resolver knows; buckets may stand before it.</summary>
    public string TlsEndpoint { get; }

    /// <summary>What vouches for <see cref="TlsEndpoint"/>: its own certificate, which nobody trusts without it.</summary>
    public string CertificateFile => Path.Combine(Folder, "certificate.pem");

    /// <summary>A bucket that nobody has made yet.</summary>
    public string NewBucket() => $"zoo-{Environment.ProcessId}-{Interlocked.Increment(ref _buckets)}";

    /// <summary>The settings by which Artifact keeps its blobs in a bucket.</summary>
    public Dictionary<string, string> SettingsOf(string bucket) => new()
    {
        ["Artifact:S3:Endpoint"] = Endpoint, ["Artifact:S3:Bucket"] = bucket, ["Artifact:S3:AccessKey"] = AccessKey, ["Artifact:S3:SecretKey"] = SecretKey,
    };

    /// <summary>The gateway answers no more, as in a crash; until <see cref="RestartAsync"/>. What is stored stays.</summary>
    public Task StopAsync() => RunAsync($"pid=$(cat {Folder}/run/client.rgw.pid); kill -9 $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done");

    public Task RestartAsync() => RunAsync($"radosgw -c {Folder}/ceph.conf -n client.rgw");

    private static async Task<CephGateway> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("zoo-test-ceph-").FullName;
        var (monitor, port, tlsPort) = (FreePort.Find(), FreePort.Find(), FreePort.Find());
        await MakeCertificateAsync(folder);
        try
        {
            await RunAsync($"set -- {folder} {monitor} {port} {tlsPort}\n{StartScript}");
        }
        finally
        {
            // Whatever ends this process, kill -9 included, the daemons do not outlive it; each is ended by its own id.
            Process.Start(new ProcessStartInfo("setsid", ["bash", "-c",
                $"while kill -0 {Environment.ProcessId} 2>/dev/null; do sleep 1; done; for f in {folder}/run/*.pid; do kill -9 $(cat $f); done; rm -rf {folder}"])
            { RedirectStandardOutput = true, RedirectStandardError = true });
        }
        return new CephGateway(folder, port, tlsPort);
    }

    private static async Task MakeCertificateAsync(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Name);
        names.AddDnsName($"*.{Name}");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        await File.WriteAllTextAsync(Path.Combine(folder, "certificate.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "tls.pem"), $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
    }

    private static async Task RunAsync(string script)
    {
        // Into files: the daemons keep what they inherit open, and a pipe would then never end.
        var log = Path.Combine(Path.GetTempPath(), $"zoo-test-ceph-{Guid.CreateVersion7():N}.log");
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", $"exec > {log} 2>&1\n{script}"]) { WorkingDirectory = "/" })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(patience.Token);
        var said = await File.ReadAllTextAsync(log);
        File.Delete(log);
        if (process.ExitCode != 0) throw new InvalidOperationException($"Ceph's gateway ended with {process.ExitCode}: {said}");
    }
}

/// <summary>A test that needs an object store: skipped with the reason where Ceph's gateway is not installed, required where CI=true.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CephFactAttribute : FactAttribute
{
    public CephFactAttribute() => Skip = CephGateway.SkipReason;
}

/// <inheritdoc cref="CephFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CephTheoryAttribute : TheoryAttribute
{
    public CephTheoryAttribute() => Skip = CephGateway.SkipReason;
}
