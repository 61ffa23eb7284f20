using System.ComponentModel.DataAnnotations;

namespace ZooPlatform.Gateway;

/// <summary>Where this platform is; the section <c>Platform</c>, the same for every service.</summary>
internal sealed class PlatformOptions
{
    /// <summary>This gateway's origin as browsers and clients know it.</summary>
    [Required, Url]
    public required string PublicUrl { get; init; }

    /// <summary>A short name that keeps the cookies of two platforms on one host apart.</summary>
    [Required, RegularExpression("^[a-z0-9]{1,32}$")]
    public required string Instance { get; init; }

    /// <summary>Scheme, host and port, as browsers write it into <c>Origin</c>.</summary>
    public string Origin => new Uri(PublicUrl).GetLeftPart(UriPartial.Authority);

    public string SessionCookie => $"__Host-zoo-{Instance}";
}

/// <summary>The section <c>Gateway</c>.</summary>
internal sealed class GatewayOptions
{
    /// <summary>How long a swapped token is used again, and so how long a revoked one can still work. Default 5 s, the most there may be.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan SwapLife { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests a second that one credential may make for long. Default 500.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecondOfCaller { get; init; } = 500;

    /// <summary>Requests a second that one address (IPv6: one /64) may make for long. Default 2000.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecondOfAddress { get; init; } = 2000;

    /// <summary>Both limits let this many seconds' worth through at once. Default 5.</summary>
    [Range(1, 60)]
    public int BurstSeconds { get; init; } = 5;

    /// <summary>A service that moves no byte for this long is given up. Default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Connections at once. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public long MaxConnections { get; init; } = 10_000;

    /// <summary>Origins of other sites whose pages may use the zoo with a token, such as <c>https://notebooks.example</c>; <c>http</c> for this machine alone.
    /// Default none.</summary>
    [Origins]
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];
}

/// <summary>Every entry is an origin as browsers write it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OriginsAttribute() : ValidationAttribute("{0}: each is an origin, https://host[:port] without a slash at the end, or http://localhost[:port].")
{
    public override bool IsValid(object? value) => value is IReadOnlyList<string> origins && origins.All(Callers.CrossOrigin.CanBeAllowed);
}
