namespace ZooPlatform.Identity.Keys;

/// <summary>A private key that signs tokens, as stored.</summary>
/// <remarks>Its state follows from the clock: before <see cref="ActiveFrom"/> it is <i>next</i> (published, not used); until a
/// later key of the same algorithm becomes active, <i>active</i>; then <i>retired</i> (published, not used) until the last token it
/// signed is dead; then the row is deleted.</remarks>
internal sealed class SigningKey
{
    public const string Internal = "ES256";
    public const string IdToken = "RS256";

    /// <summary>The RFC 7638 thumbprint of the public key; the <c>kid</c>.</summary>
    public required string Id { get; init; }

    /// <summary><see cref="Internal"/> (P-256) or <see cref="IdToken"/> (RSA, 3072 bits).</summary>
    public required string Algorithm { get; init; }

    /// <summary>PKCS #8, protected by Data Protection.</summary>
    public required string PrivateKey { get; init; }
    public required DateTimeOffset ActiveFrom { get; init; }
}
