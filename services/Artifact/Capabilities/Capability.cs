using System.Text.Json.Serialization;

namespace ZooPlatform.Artifact.Capabilities;

/// <summary>What a capability may be used for. Those that change something go to callers with the scope <c>write</c> alone.</summary>
internal static class Verbs
{
    public const string LfsGet = "lfs-get";
    public const string LfsPut = "lfs-put";
    public const string LfsPart = "lfs-part";
    /// <summary>The end of all parts.</summary>
    public const string LfsComplete = "lfs-complete";
    public const string LfsVerify = "lfs-verify";
    public const string XetRead = "xet-read";
    public const string XetWrite = "xet-write";
    /// <summary>A run of a blob's chunks: the blob is the oid, the run the part.</summary>
    public const string XetBytes = "xet-bytes";

    public static bool Writes(string verb) => verb is LfsPut or LfsPart or LfsComplete or LfsVerify or XetWrite;
}

/// <summary>That somebody may do one thing in one repository for a while, as text that carries no secret of theirs: it stands in addresses
/// of protocols whose clients send no credential there, or serves as the bearer token of Xet.</summary>
/// <remarks>It gives no right: what its subject may do is asked when it is used (<see cref="RedeemCapability"/>).</remarks>
/// <param name="ClientId">What the subject came with; null: nobody.</param>
/// <param name="Oid">The only blob it is good for; null: any.</param>
/// <param name="SizeBytes">Of that blob, or of its part.</param>
/// <param name="Part">Of that blob: where it begins, in bytes.</param>
/// <param name="Reference">A branch or revision it was asked for, for whoever redeems it to check.</param>
/// <param name="Narrow">The credential was good for some repositories only, so this one's caller sees this repository alone.</param>
/// <param name="ExpiresAt">Seconds since 1970.</param>
internal sealed record Capability(
    [property: JsonPropertyName("s")] string Subject,
    [property: JsonPropertyName("c")] string? ClientId,
    [property: JsonPropertyName("r")] Guid RepositoryId,
    [property: JsonPropertyName("v")] string Verb,
    [property: JsonPropertyName("o")] string? Oid,
    [property: JsonPropertyName("z")] long? SizeBytes,
    [property: JsonPropertyName("p")] long? Part,
    [property: JsonPropertyName("f")] string? Reference,
    [property: JsonPropertyName("n")] bool Narrow,
    [property: JsonPropertyName("e")] long ExpiresAt);
