using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.GitHttp;

/// <summary>A git object's id as 20 bytes, not 40 characters: a fetch may hold a million of them.</summary>
internal readonly record struct ObjectId(ulong High, ulong Middle, uint Low)
{
    public const int Bytes = 20;

    public static bool TryParse(string? text, out ObjectId id)
    {
        id = default;
        if (text is null || !GitIds.IsId(text)) return false;
        id = Parse(text);
        return true;
    }

    /// <param name="text">40 lower-case hexadecimal digits.</param>
    public static ObjectId Parse(string text)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        if (Convert.FromHexString(text, bytes, out _, out var written) != System.Buffers.OperationStatus.Done || written != Bytes)
            throw new FormatException($"'{text}' is no git id.");
        return Of(bytes);
    }

    /// <summary>The id of an object with this content.</summary>
    public static ObjectId Of(GitKind kind, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Word(kind)} {content.Length}\0")));
        hash.AppendData(content);
        Span<byte> id = stackalloc byte[Bytes];
        hash.GetHashAndReset(id);
        return Of(id);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Middle:x16}{Low:x8}");

    private static ObjectId Of(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));

    private static string Word(GitKind kind) => kind switch
    {
        GitKind.Commit => "commit",
        GitKind.Tree => "tree",
        _ => "blob",
    };
}

/// <summary>Numbered as packs have them.</summary>
internal enum GitKind
{
    Commit = 1,
    Tree = 2,
    Blob = 3,
}
