using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace ZooPlatform.Gateway.Files;

/// <summary>Bytes of a stored file that Artifact has settled the caller may have, and that this process is to send.</summary>
/// <param name="Path">In the store's folder; null: what was named cannot be there.</param>
internal sealed record HandedFile(string? Path, long OffsetBytes, long CountBytes);

/// <summary>Artifact's store as this process sees it on its own disk, if it does.</summary>
/// <remarks>The store carries an id in a file. The gateway shows it to Artifact with each request; when it is its own, Artifact knows that both see
/// the same files and answers with a file's name (<c>X-Zoo-File: path;offset;count</c>) instead of its bytes. What nginx calls X-Accel-Redirect.</remarks>
internal sealed class StoreFolder(IConfiguration configuration, TimeProvider time)
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(2);
    private readonly string? _folder = configuration["Platform:DataFolder"] is { } data ? Path.Combine(Path.GetFullPath(data), "artifact") : null;
    private string? _id;
    private long _lookedAt;

    /// <summary>Null: no store is in sight.</summary>
    public string? Id
    {
        get
        {
            if (_id is not null || _folder is null) return _id;
            if (_lookedAt != 0 && time.GetElapsedTime(_lookedAt) < s_retry) return null;
            _lookedAt = time.GetTimestamp();
            try
            {
                return _id = File.ReadAllText(Path.Combine(_folder, "store-id")).Trim() is { Length: > 0 } id ? id : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>What Artifact's header says.</summary>
    public HandedFile Read(StringValues header)
    {
        if (header is [{ } text] && _folder is not null && text.Split(';') is [var path, var offset, var count]
            && long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
            && Path.GetFullPath(Path.Combine(_folder, path)) is var full && full.StartsWith(_folder + "/", StringComparison.Ordinal))
            return new HandedFile(full, from, bytes);
        return new HandedFile(null, 0, 0);
    }
}
