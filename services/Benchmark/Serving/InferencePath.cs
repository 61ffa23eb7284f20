namespace ZooPlatform.Benchmark.Serving;

/// <summary>What follows <c>/v2/models/</c>: <c>owner/name[/versions/{version}][/ready|/infer]</c>, read from the right, since clients put
/// a model's name into the path as it is.</summary>
/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="Version">A revision's id, a branch or a tag; null: main's.</param>
/// <param name="Verb"><c>infer</c>, <c>ready</c>, or empty for the metadata.</param>
internal sealed record InferencePath(string Repository, string? Version, string Verb)
{
    private static readonly string[] s_verbs = ["infer", "ready"];

    public static bool TryParse(string? rest, out InferencePath path)
    {
        // %2F arrives as it is; a client that escapes twice sends %252F, of which the server has undone one step.
        var segments = (rest ?? "").TrimEnd('/').Replace("%2F", "/", StringComparison.OrdinalIgnoreCase).Split('/').ToList();
        var verb = s_verbs.Contains(segments[^1]) ? segments[^1] : "";
        if (verb.Length > 0)
        {
            segments.RemoveAt(segments.Count - 1);
        }

        string? version = null;
        if (segments is [.., "versions", var given] && segments.Count == 4)
        {
            version = given;
            segments.RemoveRange(2, 2);
        }

        path = new InferencePath(string.Join('/', segments), version, verb);
        return segments.Count == 2;
    }
}
