using System.Text;
using System.Text.Json;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <param name="Message">Summary, and the description below it.</param>
/// <param name="ParentCommit">The head the client saw, or how it begins; null: any.</param>
internal sealed record HubCommitText(string Message, string? ParentCommit, IReadOnlyList<HubChange> Changes);

/// <summary>Reads a commit's lines; files inside them are kept and staged as they come, so that none is held in memory.</summary>
internal sealed class ReadCommit(Spool spool, StoreInline inline)
{
    /// <summary>About 100 MB of files in base64, which is what clients put into one commit, and their lines.</summary>
    private const long MaxBytes = 150_000_000;
    private const int MaxOperations = 25_000, MaxMessageBytes = 64 * 1024;

    public async Task<(HubCommitText? Commit, HubError? Refusal)> RunAsync(Guid repositoryId, Caller caller, Stream body, CancellationToken ct)
    {
        using var lines = new SpillingLines(body, spool.Temporary, MaxBytes);
        var (message, parent, changes) = ((string?)null, (string?)null, new List<HubChange>());
        while (await lines.ReadAsync(ct) is { } line)
        {
            if (line.ValueKind != JsonValueKind.Object || Text(line, "key") is not { } key || !line.TryGetProperty("value", out var value) || value.ValueKind != JsonValueKind.Object)
                return (null, HubError.BadInput("Each line of a commit is an object with 'key' and 'value'."));
            if (key == "header")
            {
                if (lines.IsSpilled(Text(value, "summary")) || lines.IsSpilled(Text(value, "description"))) return (null, HubError.BadInput($"A commit's message has at most {MaxMessageBytes} bytes."));
                (message, parent) = ($"{Text(value, "summary")}\n\n{Text(value, "description")}".Trim(), Text(value, "parentCommit"));
                continue;
            }
            if (changes.Count == MaxOperations) return (null, HubError.BadInput($"A commit takes at most {MaxOperations} operations. Split it."));
            var (change, refusal) = await ReadAsync(key, value, lines, repositoryId, caller, ct);
            if (change is null) return (null, refusal);
            changes.Add(change);
        }
        if (string.IsNullOrWhiteSpace(message) || Encoding.UTF8.GetByteCount(message) > MaxMessageBytes || message.Contains('\0'))
            return (null, HubError.BadInput($"A commit needs a header with a summary: 1 to {MaxMessageBytes} bytes of text."));
        return (new HubCommitText(message, parent, changes), null);
    }

    private async Task<(HubChange? Change, HubError? Refusal)> ReadAsync(
        string key, JsonElement value, SpillingLines lines, Guid repositoryId, Caller caller, CancellationToken ct)
    {
        if (key is not ("file" or "lfsFile" or "deletedFile" or "deletedFolder")) return (null, HubError.BadInput($"'{key}' is no operation of a commit."));
        var named = Text(value, "path");
        if (!FilePath.TryParse(key == "deletedFolder" ? named?.TrimEnd('/') : named, out var path, out var invalid))
            return (null, HubError.BadInput($"The path '{named}' {invalid}. Nothing was committed; rename it and commit again."));
        if (key == "deletedFile") return (new HubChange.Delete(path), null);
        if (key == "deletedFolder") return (new HubChange.DeleteFolder(path), null);

        if (!value.TryGetProperty(key == "file" ? "content" : "oid", out var content) || content.ValueKind != JsonValueKind.String)
            return FilePath.TryParse(Text(value, "oldPath"), out var from, out _)
                ? (new HubChange.Copy(path, from), null)
                : (null, HubError.BadInput($"'{path}' has neither content nor the path of a file to copy."));
        if (key == "lfsFile")
        {
            if (Text(value, "algo") is not (null or "sha256") || !BlobHash.TryParse(content.GetString(), out var hash))
                return (null, HubError.BadInput($"The oid of '{path}' is no SHA-256: 64 lower-case hexadecimal digits."));
            return (new HubChange.Put(path, hash, value.TryGetProperty("size", out var size) && size.TryGetInt64(out var sizeBytes) ? sizeBytes : null), null);
        }
        if (Text(value, "encoding") is not ("base64" or "utf-8") and var encoding && encoding is not null) return (null, HubError.BadInput($"'{encoding}' is no encoding of '{path}': base64 or utf-8."));
        try
        {
            await using var text = lines.Open(content, out var length);
            await using var bytes = Text(value, "encoding") == "utf-8" ? text : StoreInline.Decode(text, length);
            return (new HubChange.Put(path, (await inline.RunAsync(repositoryId, caller, bytes, ct)).Hash, null), null);
        }
        catch (FormatException)
        {
            return (null, HubError.BadInput($"The content of '{path}' is no base64."));
        }
    }

    private static string? Text(JsonElement value, string name) =>
        value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}
