using System.Diagnostics.CodeAnalysis;
using ZooPlatform.Artifact.Blobs;

namespace ZooPlatform.Artifact.Oci;

/// <summary><c>sha256:</c> and 64 lower-case hexadecimal digits.</summary>
internal static class OciDigest
{
    public const string Prefix = "sha256:";

    public static bool TryParse(string text, [NotNullWhen(true)] out BlobHash? hash)
    {
        hash = null;
        return text.StartsWith(Prefix, StringComparison.Ordinal) && BlobHash.TryParse(text[Prefix.Length..], out hash);
    }
}
