using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace ZooPlatform.Identity.Tokens;

/// <summary>What clients hold: <c>hf_zoo</c>, a letter for the kind, <c>_</c>, 30 random base62 characters (178 bits) and the
/// CRC-32 of all before it as 6 more.</summary>
/// <remarks>The checksum lets us refuse a mistyped or invented token without reading the database.</remarks>
internal static partial class OpaqueToken
{
    public const string Personal = "hf_zoop_";
    public const string ServiceAccount = "hf_zoos_";
    public const string Access = "hf_zooa_";
    private const int RandomChars = 30;
    private const int ChecksumChars = 6;
    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>A new token of this kind.</summary>
    public static string Create(string prefix)
    {
        var body = prefix + RandomNumberGenerator.GetString(Base62, RandomChars);
        return body + Checksum(body);
    }

    /// <summary>Does it have a token's shape, and does its checksum hold?</summary>
    public static bool IsWellFormed(string token) =>
        Shape().IsMatch(token) && token.AsSpan()[^ChecksumChars..].SequenceEqual(Checksum(token[..^ChecksumChars]));

    /// <summary>What the database keeps of a secret.</summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>A secret for codes, links and cookies: 256 bits, URL-safe.</summary>
    public static string NewSecret() => Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    private static string Checksum(string body)
    {
        var crc = Crc32(Encoding.ASCII.GetBytes(body));
        return string.Create(ChecksumChars, crc, static (chars, value) =>
        {
            for (var i = chars.Length - 1; i >= 0; i--, value /= 62) chars[i] = Base62[(int)(value % 62)];
        });
    }

    /// <summary>CRC-32 as in ISO 3309 and zip: polynomial 0xEDB88320, reflected.</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
        }
        return ~crc;
    }

    [GeneratedRegex(@"^hf_zoo[psax]_[0-9A-Za-z]{36}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
