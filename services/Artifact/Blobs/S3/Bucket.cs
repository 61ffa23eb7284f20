using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Microsoft.Extensions.Options;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Artifact.Blobs.S3;

/// <summary>The bucket, and how it is spoken to. What goes wrong there ends as <see cref="StoreUnreachableException"/>.</summary>
/// <remarks>
/// <code>
/// &lt;Prefix&gt;
///   store-id               which zoo's it is
///   blobs/ab/cd/abcd...    as the files of LocalBlobs, so that a plain copy moves a zoo
///   damaged/abcd...&lt;id&gt;    objects whose bytes were wrong
/// </code>
/// </remarks>
internal sealed class Bucket : IDisposable
{
    private readonly S3Options _options;
    private readonly AmazonS3Client _client;
    private readonly AmazonS3Client _signing;
    private readonly SocketsHttpHandler _handler;

    public Bucket(IOptions<S3Options> options, IConfiguration configuration)
    {
        _options = options.Value;
        var (endpoint, credentials) = (_options.Endpoint!, new BasicAWSCredentials(_options.AccessKey, _options.SecretKey));
        var host = _options.ForcePathStyle ? endpoint : new UriBuilder(endpoint) { Host = $"{_options.Bucket}.{endpoint.Host}" }.Uri;
        _handler = GuardedHandler.Create(configuration, endpoint, host);
        var connect = _handler.ConnectCallback!;
        _handler.ConnectCallback = async (context, ct) => new PatientStream(await connect(context, ct), _options.Silence);
        _handler.PooledConnectionIdleTimeout = _options.Silence / 2;   // what lies idle is listened to, and would seem silent
        _client = new AmazonS3Client(credentials, ConfigOf(endpoint, new Clients(_handler, _options.Patience)));
        _signing = new AmazonS3Client(credentials, ConfigOf(_options.PublicEndpoint ?? endpoint, null));   // makes addresses, asks nobody
    }

    public string Name => _options.Bucket!;

    public string BlobsPrefix => $"{_options.Prefix}blobs/";

    public string DamagedPrefix => $"{_options.Prefix}damaged/";

    public string StoreIdKey => $"{_options.Prefix}store-id";

    public string KeyOf(BlobHash hash) => $"{BlobsPrefix}{hash.Value[..2]}/{hash.Value[2..4]}/{hash.Value}";

    public string DamagedKeyOf(BlobHash hash) => $"{DamagedPrefix}{hash.Value}.{Guid.CreateVersion7():N}";

    /// <summary>Null: it is no blob's key.</summary>
    public BlobHash? HashOf(string key) => BlobHash.TryParse(key[(key.LastIndexOf('/') + 1)..], out var hash) && key == KeyOf(hash) ? hash : null;

    /// <exception cref="StoreUnreachableException">The store cannot be reached, or refuses.</exception>
    /// <exception cref="IOException">It has no room (ENOSPC).</exception>
    public async Task<T> AskAsync<T>(Func<IAmazonS3, Task<T>> ask, CancellationToken ct)
    {
        try
        {
            return await ask(_client);
        }
        catch (AmazonS3Exception e) when (e.ErrorCode is "QuotaExceeded" || e.StatusCode == HttpStatusCode.InsufficientStorage)
        {
            throw new IOException($"The object store has no room: {e.ErrorCode}", 28);   // ENOSPC: as a full disk
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is AmazonServiceException or AmazonClientException or HttpRequestException or IOException or OperationCanceledException)
        {
            throw new StoreUnreachableException(ReasonOf(e), e);
        }
    }

    /// <returns>How many bytes the object has; null: there is none.</returns>
    public async Task<long?> HeadAsync(BlobHash hash, CancellationToken ct)
    {
        try
        {
            return (await AskAsync(s3 => s3.GetObjectMetadataAsync(Name, KeyOf(hash), ct), ct)).ContentLength;
        }
        catch (StoreUnreachableException e) when (e.IsMissing)
        {
            return null;
        }
    }

    /// <summary>A range of an object, to be read and disposed.</summary>
    /// <returns>Null: there is no such object, or it ends before the range does.</returns>
    public async Task<GetObjectResponse?> GetAsync(BlobHash hash, long offset, long bytes, CancellationToken ct)
    {
        try
        {
            var answer = await AskAsync(s3 => s3.GetObjectAsync(new GetObjectRequest
            {
                BucketName = Name, Key = KeyOf(hash), ByteRange = new ByteRange(offset, offset + bytes - 1),
            }, ct), ct);
            if (answer.ContentLength == bytes) return answer;
            answer.Dispose();
            return null;
        }
        catch (StoreUnreachableException e) when (e.IsMissing || e.Status == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return null;
        }
    }

    /// <summary>An address at which whoever has it reads the blob, for some minutes. It is a credential: never to be logged.</summary>
    public Task<string> SignAsync(SentBlob blob, string disposition, DateTimeOffset until) => _signing.GetPreSignedURLAsync(new GetPreSignedUrlRequest
    {
        BucketName = Name, Key = KeyOf(blob.Hash), Verb = HttpVerb.GET, Expires = until.UtcDateTime,
        Protocol = (_options.PublicEndpoint ?? _options.Endpoint)!.Scheme == "https" ? Protocol.HTTPS : Protocol.HTTP,
        ResponseHeaderOverrides = new ResponseHeaderOverrides { ContentType = blob.ContentType, ContentDisposition = disposition, CacheControl = "private, no-store" },
    });

    public void Dispose()
    {
        _client.Dispose();
        _signing.Dispose();
        _handler.Dispose();
    }

    private AmazonS3Config ConfigOf(Uri endpoint, HttpClientFactory? clients) => new()
    {
        ServiceURL = endpoint.ToString(), AuthenticationRegion = _options.Region, ForcePathStyle = _options.ForcePathStyle,
        // Ceph and others refuse the trailing checksums that the SDK would add; every put carries its MD5 instead, which all of them check.
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED, ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        MaxErrorRetry = 2, HttpClientFactory = clients, AllowAutoRedirect = false, DisableLogging = true,
    };

    private static string ReasonOf(Exception e) => e is AmazonServiceException { ErrorCode.Length: > 0 } answer ? $"it answered {(int)answer.StatusCode} {answer.ErrorCode}" : e.Message;

    /// <summary>Every request goes through the guarded handler.</summary>
    private sealed class Clients(HttpMessageHandler handler, TimeSpan patience) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(handler, disposeHandler: false) { Timeout = patience };

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
