using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Xunit.Abstractions;
using ZooPlatform.Artifact.Tests.GitLfs;
using ZooPlatform.Artifact.Tests.Support;
using ZooPlatform.Artifact.Tests.Uploads;
using ZooPlatform.Contracts;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Artifact.Tests.Blobs;

/// <summary>The ways in which a store can stand to the service and its clients. Long: each is a service of its own.</summary>
[Trait("Category", "Long")]
public sealed class S3SettingsTests(ArtifactOnTroubledS3 through, ArtifactOnS3WithPublicEndpoint led, ArtifactOnS3OneByOne oneByOne, ArtifactOnS3ByTls tls, ITestOutputHelper output)
    : IClassFixture<ArtifactOnTroubledS3>, IClassFixture<ArtifactOnS3WithPublicEndpoint>, IClassFixture<ArtifactOnS3OneByOne>, IClassFixture<ArtifactOnS3ByTls>
{
    private static readonly HttpClient s_plain = new(new SocketsHttpHandler { AllowAutoRedirect = false });

    [CephFact]
    public async Task Without_redirects_every_byte_comes_from_here()
    {
        var (_, repo) = await through.ARepositoryAsync();
        var content = UploadTests.RandomBytes(9_000_000);
        await repo.PushAsync(null, ("w.bin", content));
        foreach (var url in new[] { $"{repo.Url}/files/main/w.bin", $"/{repo.View.Owner}/{repo.View.Name}/resolve/main/w.bin", $"/v2/{repo.View.Owner}/{repo.View.Name}/blobs/sha256:{Repo.Hash(content)}",
            (await repo.BatchAsync("download", content)).Href("download") })
        {
            using var whole = await repo.Http.GetAsync(url);
            await whole.ShouldBeAsync(HttpStatusCode.OK);
            Assert.Equal(content, await whole.Content.ReadAsByteArrayAsync());
            using var part = await repo.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(8_000_000, 8_999_998) } });
            await part.ShouldBeAsync(HttpStatusCode.PartialContent);
            Assert.Equal(content[8_000_000..8_999_999], await part.Content.ReadAsByteArrayAsync());
        }
    }

    [CephFact]
    public async Task A_large_read_leads_to_the_public_endpoint_for_a_while_for_reading_that_object_and_takes_no_credential_there()
    {
        var (_, repo) = await led.ARepositoryAsync();
        var content = UploadTests.RandomBytes(200_000);
        var head = await repo.PushAsync(null, ("w.bin", content), ("other.bin", UploadTests.RandomBytes(200_000)));
        var url = $"{repo.Url}/files/{head.Id}/w.bin";
        using var answer = await repo.Http.GetAsync(url);
        await answer.ShouldBeAsync(HttpStatusCode.TemporaryRedirect);
        var address = answer.Headers.Location!;
        Assert.StartsWith(led.Store.Endpoint, address.ToString(), StringComparison.Ordinal);
        Assert.Contains("X-Amz-Expires=10&", address.Query, StringComparison.Ordinal);
        Assert.DoesNotContain(repo.Http.DefaultRequestHeaders.Authorization!.Parameter!, address.ToString(), StringComparison.Ordinal);
        Assert.Equal(content, await s_plain.GetByteArrayAsync(address));
        foreach (var method in new[] { HttpMethod.Head, HttpMethod.Put, HttpMethod.Post, HttpMethod.Delete })
        {
            using var refused = await s_plain.SendAsync(new HttpRequestMessage(method, address));
            Assert.True(refused.StatusCode is HttpStatusCode.Forbidden, $"{method}: {refused.StatusCode}");
        }
        using (var list = await s_plain.GetAsync($"{led.Store.Endpoint}/{led.Bucket.Name}{address.Query}")) Assert.Equal(HttpStatusCode.Forbidden, list.StatusCode);

        // People's own client follows, and leaves its token here.
        using var tool = new Tool();
        var before = led.Store.Heads.Count;
        await tool.RunAsync("curl", "-fsSL", "--oauth2-bearer", repo.Http.DefaultRequestHeaders.Authorization.Parameter!, "-o", "got", new Uri(repo.Http.BaseAddress!, url).ToString());
        Assert.Equal(content, await File.ReadAllBytesAsync(tool.At("got")));
        var asked = Assert.Single(led.Store.Heads.Skip(before));
        Assert.DoesNotContain("Authorization", asked, StringComparison.OrdinalIgnoreCase);

        await Task.Delay(TimeSpan.FromSeconds(11));
        using var late = await s_plain.GetAsync(address);
        Assert.Equal(HttpStatusCode.Forbidden, late.StatusCode);
        using var again = await repo.Http.GetAsync(url);
        Assert.Equal(content, await s_plain.GetByteArrayAsync(again.Headers.Location));
    }

    [CephFact]
    public async Task By_TLS_and_with_the_bucket_before_the_name_all_goes_as_ever()
    {
        var repo = await tls.ARepositoryAsync();
        byte[] small = UploadTests.RandomBytes(50_000), large = UploadTests.RandomBytes(6_000_000);   // two parts
        await repo.PushAsync(null, ("small.bin", small), ("large.bin", large));
        Assert.Equal(small, await repo.Http.GetByteArrayAsync($"{repo.Url}/files/main/small.bin"));
        using var shown = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = repo.Http.BaseAddress };
        shown.DefaultRequestHeaders.Authorization = repo.Http.DefaultRequestHeaders.Authorization;
        using var answer = await shown.GetAsync($"{repo.Url}/files/main/large.bin");
        await answer.ShouldBeAsync(HttpStatusCode.TemporaryRedirect);
        var address = answer.Headers.Location!;
        Assert.Equal($"https://{tls.BucketName}.{new Uri(tls.Endpoint).Authority}", address.GetLeftPart(UriPartial.Authority));
        using var trusted = X509CertificateLoader.LoadCertificateFromFile(tls.CertificateFile);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, ct) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, ct);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = { CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { trusted }, RevocationMode = X509RevocationMode.NoCheck } },
        });
        Assert.Equal(large, await client.GetByteArrayAsync(address));
    }

    [CephFact]
    public async Task Many_small_files_of_an_archive_are_asked_for_side_by_side()
    {
        foreach (var format in new[] { "tar", "zip" })
        {
            var (one, aheadOfTurn) = (await TimeAsync(oneByOne, format), await TimeAsync(through, format));
            output.WriteLine($"{format} of 150 files of 4 KiB, 10 ms to the store: {one.TotalMilliseconds:0} ms one by one, {aheadOfTurn.TotalMilliseconds:0} ms side by side ({one / aheadOfTurn:0.0} x)");
            Assert.True(aheadOfTurn < one / 2, $"{format}: {one}, {aheadOfTurn}");
        }
    }

    private static async Task<TimeSpan> TimeAsync(ArtifactOnTroubledS3 app, string format)
    {
        var (_, repo) = await app.ARepositoryAsync();
        var files = Enumerable.Range(0, 150).Select(i => ($"{i:000}.bin", UploadTests.RandomBytes(4096))).ToArray();
        using (var batch = await repo.Http.PostAsync($"{repo.Url}/blobs", new ByteArrayContent(files.Select(file => file.Item2).Framed()))) await batch.ShouldBeAsync(HttpStatusCode.OK);
        var head = await repo.CommitAsync(null, "push", [.. files.Select(file => new ZooPlatform.Contracts.Artifact.FileOperation(file.Item1, Repo.Hash(file.Item2)))]);
        app.Store.Delay = TimeSpan.FromMilliseconds(10);
        var clock = Stopwatch.StartNew();
        var archive = await repo.Http.GetByteArrayAsync($"{repo.Url}/archive/main.{format}");
        var took = clock.Elapsed;
        app.Store.Delay = TimeSpan.Zero;
        using var tool = new Tool();
        await File.WriteAllBytesAsync(tool.At($"a.{format}"), archive);
        await (format == "tar" ? tool.RunAsync("tar", "-xf", "a.tar") : tool.RunAsync("python3", "-m", "zipfile", "-e", "a.zip", "."));
        foreach (var (path, content) in files) Assert.Equal(content, await File.ReadAllBytesAsync(tool.At($"{repo.View.Name}-{head.Id[..7]}", path)));
        return took;
    }
}
