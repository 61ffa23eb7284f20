using System.ComponentModel.DataAnnotations;

namespace ZooPlatform.Artifact.Blobs.S3;

/// <summary>The object store that blobs are kept in, under <c>Artifact:S3:</c>. Without a bucket they are files on the local disk.</summary>
internal sealed class S3Options : IValidatableObject
{
    public const string Section = "Artifact:S3";

    /// <summary>Made when it is not there. Default none: blobs are files on the local disk.</summary>
    public string? Bucket { get; init; }

    /// <summary>Stands before every key, such as <c>zoo/</c>, so that a bucket can be shared. Default none.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Where the store is reached from here: <c>http://s3.internal:7480</c>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>Where clients reach it, when they are sent there for large files. Default <see cref="Endpoint"/>.</summary>
    public Uri? PublicEndpoint { get; init; }

    public string Region { get; init; } = "us-east-1";

    /// <summary>The bucket stands in the path, not before the endpoint's name. Default true.</summary>
    public bool ForcePathStyle { get; init; } = true;

    public string? AccessKey { get; init; }

    /// <summary>Never logged, never answered.</summary>
    public string? SecretKey { get; init; }

    /// <summary>An answer of at least so many bytes is fetched from the store itself, at an address signed for it. Default 8 MiB.</summary>
    [Range(0L, long.MaxValue)]
    public long RedirectFromBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>False: every byte goes through this service, for clients that cannot reach the store. Default true.</summary>
    public bool Redirect { get; init; } = true;

    /// <summary>How long such an address is good for. Default 10 minutes: for a download to begin, it may last longer.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "12:00:00")]
    public TimeSpan RedirectLife { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Larger blobs are put in parts of this many bytes, side by side; in larger ones when there would be more than 9,000. Default 16 MiB.</summary>
    [Range(5L * 1024 * 1024, 1L << 32)]
    public long PartBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How many requests one upload, batch or answer makes side by side. Default 16.</summary>
    [Range(1, 256)]
    public int AtOnce { get; init; } = 16;

    /// <summary>How long the store may take to answer a request, a part of an upload included. Default 2 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long the store may move no byte while it is waited for. Default 30 s; a request is tried three times, so whoever waits for it is told
    /// within two minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(Bucket)) yield break;
        foreach (var (name, value) in new[] { (nameof(AccessKey), AccessKey), (nameof(SecretKey), SecretKey), (nameof(Endpoint), Endpoint?.ToString()) })
            if (string.IsNullOrEmpty(value)) yield return new ValidationResult($"{Section}:{name} is missing, but {Section}:Bucket says that blobs are kept in an object store.", [name]);
        foreach (var address in new[] { Endpoint, PublicEndpoint }.OfType<Uri>())
            if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https") || address.AbsolutePath != "/")
                yield return new ValidationResult($"'{address}' is no endpoint of an object store: say http(s)://host:port, without a path.", [nameof(Endpoint)]);
        if (Prefix.StartsWith('/') || (Prefix.Length > 0 && !Prefix.EndsWith('/'))) yield return new ValidationResult($"{Section}:Prefix begins with no slash and ends with one: zoo/", [nameof(Prefix)]);
    }
}
