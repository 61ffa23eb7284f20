using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>The ids git gives: SHA-1 over <c>kind size NUL content</c>, as 40 lower-case hexadecimal digits.</summary>
internal static class GitIds
{
    private const int Chars = 40;

    public static bool IsId(string text) => text.Length == Chars && text.All(char.IsAsciiHexDigitLower);

    public static string OfBlob(ReadOnlySpan<byte> content) => Of("blob", content);

    /// <summary>The id of the pointer that stands in git's tree for a file kept by LFS.</summary>
    public static string OfPointer(string sha256, long sizeBytes) => OfBlob(Encoding.ASCII.GetBytes(Pointer(sha256, sizeBytes)));

    public static string Pointer(string sha256, long sizeBytes) => string.Create(CultureInfo.InvariantCulture,
        $"{PointerBegin}\noid sha256:{sha256}\nsize {sizeBytes}\n");

    /// <summary>Would git-lfs take this content for a pointer?</summary>
    public static bool LooksLikePointer(ReadOnlySpan<byte> content) =>
        content.Length < 1024 && content.StartsWith(Encoding.ASCII.GetBytes(PointerBegin));

    /// <param name="entries">In git's order.</param>
    public static string OfTree(IEnumerable<TreeEntry> entries) => Of("tree", TreeContent(entries));

    public static byte[] TreeContent(IEnumerable<TreeEntry> entries)
    {
        using var content = new MemoryStream();
        foreach (var entry in entries)
        {
            content.Write(Encoding.UTF8.GetBytes($"{ModeOf(entry.Kind)} {entry.Name}\0"));
            content.Write(Convert.FromHexString(entry.GitId));
        }
        return content.ToArray();
    }

    public static string OfCommit(CommitText commit) => Of("commit", Encoding.UTF8.GetBytes(commit.ToString()));

    private static string ModeOf(EntryKind kind) => kind switch
    {
        EntryKind.Folder => "40000",
        EntryKind.Executable => "100755",
        _ => "100644",
    };

    private static string Of(string kind, ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind} {content.Length}\0")));
        hash.AppendData(content);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private const string PointerBegin = "version https://git-lfs.github.com/spec/v1";
}

/// <summary>A commit as git writes it.</summary>
/// <param name="Author">Name and address: <c>ada &lt;id@users.noreply.invalid&gt;</c>.</param>
/// <param name="At">Whole seconds, UTC.</param>
internal sealed record CommitText(string Tree, string? Parent, string Author, DateTimeOffset At, string Message)
{
    /// <summary>How git names a user of the platform. Characters git gives a meaning are left out of the name.</summary>
    public static string AuthorOf(string name, Guid userId)
    {
        var clean = new string([.. name.Where(c => c is not ('<' or '>') && !char.IsControl(c))]).Trim(' ', '.', ',', ':', ';', '"', '\'', '\\');
        return $"{(clean.Length == 0 ? "unnamed" : clean)} <{userId}@users.noreply.invalid>";
    }

    public override string ToString()
    {
        var parent = Parent is null ? "" : $"parent {Parent}\n";
        var at = At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"tree {Tree}\n{parent}author {Author} {at} +0000\ncommitter {Author} {at} +0000\n\n{Message}\n";
    }
}
