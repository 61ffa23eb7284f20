using System.Globalization;

namespace ZooPlatform.Artifact.GitHttp;

/// <summary>What a client asks to be sent, in either version of the protocol.</summary>
internal sealed class FetchRequest
{
    /// <summary>git's own word for "all of it".</summary>
    private const int Infinite = int.MaxValue;

    public List<ObjectId> Wants { get; } = [];
    public List<ObjectId> Haves { get; } = [];

    /// <summary>Commits the client has without their parents.</summary>
    public HashSet<ObjectId> Shallow { get; } = [];

    public int? Depth { get; private set; }

    /// <summary><see cref="Depth"/> counts from where the client's history ends now.</summary>
    public bool DepthIsRelative { get; private set; }

    public DateTimeOffset? Since { get; private set; }

    /// <summary>Branches and tags whose history is left out.</summary>
    public List<string> Not { get; } = [];

    public bool Done { get; set; }
    public bool NoProgress { get; private set; }

    /// <summary>Larger blobs are left out; null: none is.</summary>
    public long? MaxBlobBytes { get; private set; }

    public bool IsDeepening => Depth is not null || Since is not null || Not.Count > 0;

    /// <summary>Takes one argument.</summary>
    /// <returns>Why it cannot be served, as a sentence; null: taken, or of no matter (thin packs and deltas are offers to us).</returns>
    public string? Take(string argument)
    {
        var (word, value) = argument.Split(' ', 2) is [var first, var rest] ? (first, rest) : (argument, "");
        switch (word)
        {
            case "want":
                return Add(Wants, value);
            case "have":
                return Add(Haves, value);
            case "shallow":
                return Add(Shallow, value);
            case "deepen" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var depth) && depth > 0:
                Depth = depth;
                return null;
            case "deepen-relative":
                DepthIsRelative = true;
                return null;
            case "deepen-since" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= 253_402_300_799:
                Since = DateTimeOffset.FromUnixTimeSeconds(seconds);
                return null;
            case "deepen-not" when Not.Count < 100:
                Not.Add(value);
                return null;
            case "deepen" or "deepen-since" or "deepen-not":
                return $"'{word}' cannot be served as it was asked.";
            case "filter":
                return TakeFilter(value);
            case "done":
                Done = true;
                return null;
            case "no-progress":
                NoProgress = true;
                return null;
            default:
                return null;
        }
    }

    public bool IsUnlimited => Depth == Infinite;

    private string? TakeFilter(string filter)
    {
        if (filter == "blob:none") MaxBlobBytes = -1;
        else if (filter.StartsWith("blob:limit=", StringComparison.Ordinal)
            && long.TryParse(filter.AsSpan("blob:limit=".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var limit)) MaxBlobBytes = limit - 1;
        else return $"This zoo has the filters blob:none and blob:limit=<bytes>, not '{(filter.Length > 80 ? filter[..80] : filter)}'.";
        return null;
    }

    private static string? Add(ICollection<ObjectId> ids, string value)
    {
        if (!ObjectId.TryParse(value, out var id)) return "An id in the request is none: 40 lower-case hexadecimal digits.";
        ids.Add(id);
        return null;
    }
}
