using System.Diagnostics.CodeAnalysis;

namespace ZooPlatform.Artifact.Blobs;

/// <summary>A SHA-256 as blobs are named by it: exactly 64 lower-case hexadecimal digits, so it can stand in a path.</summary>
internal sealed record BlobHash
{
    private const int Chars = 64;

    private BlobHash(string value) => Value = value;

    public string Value { get; }

    public override string ToString() => Value;

    public static bool TryParse(string? text, [NotNullWhen(true)] out BlobHash? hash)
    {
        hash = text is { Length: Chars } && text.All(char.IsAsciiHexDigitLower) ? new BlobHash(text) : null;
        return hash is not null;
    }

    public static BlobHash Of(ReadOnlySpan<byte> digest) => new(Convert.ToHexStringLower(digest));
}
