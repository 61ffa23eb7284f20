using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace ZooPlatform.Artifact.Capabilities;

/// <summary>A capability as text: <c>base64url(JSON) . base64url(HMAC-SHA256 over the first part)</c>.</summary>
internal static class CapabilityText
{
    private const int MaxChars = 4 * 1024;

    public static string Write(Capability capability, byte[] key)
    {
        var content = WebEncoders.Base64UrlEncode(JsonSerializer.SerializeToUtf8Bytes(capability));
        return $"{content}.{Sign(content, key)}";
    }

    /// <returns>Null: not signed with this key.</returns>
    public static Capability? Read(string? text, byte[] key)
    {
        if (text is not { Length: > 0 and <= MaxChars } || text.Split('.') is not [var content, var signature]) return null;
        // Compared as text: base64url has several texts for the same bytes.
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(content, key)), Encoding.UTF8.GetBytes(signature))) return null;
        return JsonSerializer.Deserialize<Capability>(WebEncoders.Base64UrlDecode(content));
    }

    private static string Sign(string content, byte[] key) => WebEncoders.Base64UrlEncode(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(content)));
}
