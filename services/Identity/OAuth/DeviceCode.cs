namespace ZooPlatform.Identity.OAuth;

/// <summary>A device's wish to act for somebody, who allows or denies it in a browser elsewhere (RFC 8628).</summary>
internal sealed class DeviceCode
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);
    public const int FirstIntervalSeconds = 5;

    /// <summary>What a user code is made of: no vowels, so that it spells nothing; 20^8 is 34.6 bits.</summary>
    public const string Letters = "BCDFGHJKLMNPQRSTVWXZ";
    public const int UserCodeChars = 8;

    public required byte[] Hash { get; init; }
    public required string UserCode { get; init; }
    public required string ClientId { get; init; }
    public required string[] Scopes { get; init; }

    /// <summary>Where the device asked from.</summary>
    public string? Address { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>How long the device waits between two questions; five more each time it does not.</summary>
    public required int IntervalSeconds { get; set; }
    public DateTimeOffset? PolledAt { get; set; }

    /// <summary>The session that typed the code last: it alone may decide.</summary>
    public Guid? SessionId { get; set; }
    public DateTimeOffset? DecidedAt { get; set; }

    /// <summary>Who allowed it; null once decided: denied.</summary>
    public Guid? UserId { get; set; }
    public DateTimeOffset? SignedInAt { get; set; }
    public DateTimeOffset? UsedAt { get; set; }

    /// <summary>As people read and type it: <c>BCDF-GHJK</c>.</summary>
    public string ShownCode => $"{UserCode[..4]}-{UserCode[4..]}";

    /// <summary>What somebody typed, as it is stored: case, blanks and hyphens do not matter.</summary>
    public static string Fold(string typed) => new([.. typed.ToUpperInvariant().Where(c => c is not (' ' or '-'))]);
}
