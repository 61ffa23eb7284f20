using System.ComponentModel.DataAnnotations;

namespace ZooPlatform.Identity;

/// <summary>Where this platform is; the section <c>Platform</c>, the same for every service.</summary>
internal sealed class PlatformOptions
{
    /// <summary>The gateway's origin, without a path: what people and clients type, and the OAuth issuer.</summary>
    [Required, Url]
    public required string PublicUrl { get; init; }

    /// <summary>A short name that keeps the cookies of two platforms on one host apart.</summary>
    [Required, RegularExpression("^[a-z0-9]{1,32}$")]
    public required string Instance { get; init; }

    /// <summary>Absolute; the first administrator's credential is written there. Null: it is not written.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The OAuth issuer and the start of every link: no slash at the end.</summary>
    public string Issuer => PublicUrl.TrimEnd('/');
}

/// <summary>The section <c>SignIn</c>.</summary>
internal sealed class SignInLimitOptions
{
    /// <summary>Wrong passwords in a row that lock an account. Default 5.</summary>
    [Range(1, 100)]
    public int TriesBeforeLock { get; init; } = 5;

    /// <summary>Failed sign-ins from one address, whatever the names, that lock the address. Default 50.</summary>
    [Range(1, 100_000)]
    public int TriesBeforeAddressLock { get; init; } = 50;

    /// <summary>How long the first lock of an account or address lasts; each further one twice as long, up to an hour. Default 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan FirstLock { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Sign-in, link and invitation forms that one address may post in a minute. Default 30.</summary>
    [Range(1, 100_000)]
    public int TriesPerAddressAndMinute { get; init; } = 30;

    /// <summary>How long a browser stays signed in. Default 14 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan SessionLife { get; init; } = TimeSpan.FromDays(14);
}
