using System.Text.Json.Nodes;

namespace ZooPlatform.Gateway.OpenApi;

/// <summary>What parameters mean: most have the same name and meaning in all services.</summary>
internal static class ParameterTexts
{
    private const string SomeId = "0199f3c2-8a51-7b4e-9f0d-3c5a1e2b4d60";

    /// <summary>Below a path, a name means this; the last row that fits says it.</summary>
    private static readonly (string Below, string Name, string Text, string? Example)[] s_texts =
    [
        ("/", "owner", "A user's or an organisation's name.", "samples"),
        ("/", "name", "The repository's name.", "digits-cnn-int8"),
        ("/", "id", "As the answer that made it said.", SomeId),
        ("/", "after", "`next` of the page before; absent: the first page.", null),
        ("/", "limit", "At most so many items.", null),
        ("/", "revision", "A revision's id, a branch or a tag.", "main"),
        ("/api/v1/repositories/{owner}/{name}/files", "path", "The file's path in the kit.", "README.md"),
        ("/api/v1/repositories/{owner}/{name}/chunks", "path", "The file's path in the kit.", "README.md"),
        ("/api/v1/repositories/{owner}/{name}/archive", "archive", "A revision's id, a branch or a tag, then `.tar`, `.tar.gz` or `.zip`.", "main.tar"),
        ("/api/v1/repositories/{owner}/{name}/archive", "path", "Only what lies in this folder; absent: from the root.", null),
        ("/api/v1/repositories/{owner}/{name}/tree", "path", "Only what lies in this folder; absent: from the root.", null),
        ("/api/v1/repositories/{owner}/{name}/tree", "recursive", "All files below, not only the folder's own entries.", null),
        ("/api/v1/repositories/{owner}/{name}/revisions", "from", "The history from this revision, branch or tag on.", "main"),
        ("/api/v1/repositories/{owner}/{name}/branches", "reference", "The branch's name.", "main"),
        ("/api/v1/repositories/{owner}/{name}/tags", "reference", "The tag's name.", "v1"),
        ("/api/v1/repositories/{owner}/{name}/blobs", "sha256", "64 lower-case hexadecimal digits.", null),
        ("/api/v1/repositories/{owner}/{name}/grants", "user", "A user's name.", null),
        ("/api/v1/uploads", "Upload-Offset", "How many of the upload's bytes come before this body.", null),
        ("/api/v1/organisations", "name", "The organisation's name.", "samples"),
        ("/api/v1/organisations", "user", "A user's name, or id.", null),
        ("/api/v1/organisations", "account", "A service account's name.", null),
        ("/api/v1/users", "name", "The user's name.", "admin"),
        ("/api/v1/stubs", "stub", "domain/sub_domain/architecture[-sub]/framework/repo/dataset[-scheme]/sparse_name-category[-target]",
            "cv/classification/digitscnn/pytorch/samples/digits/int8_qdq-none"),
        ("/api/v1/runs", "repository", "Only runs of this repository, `owner/name`.", null),
        ("/api/v1/search", "q", "Words; typos are forgiven. Absent: everything.", null),
        ("/api/v1/search", "sort", "relevance, updated, created, name, size, parameters or latency.", null),
        ("/api/v1/search", "page", "From 1 on. Ranking has no keyset, so search pages by number.", null),
        ("/api/v1/search", "pageSize", "Hits a page, 1 to 100; 20 when absent.", null),
        .. Narrowing("/api/v1/models", "Only models"),
        .. Narrowing("/api/v1/search", "Only hits"),
    ];

    /// <summary>Writes description, example and range into a parameter; what the service said already stays.</summary>
    public static void Describe(string path, JsonObject parameter, JsonObject facts)
    {
        var name = parameter["name"]!.GetValue<string>();
        var isPart = parameter["in"]?.GetValue<string>() == "path";
        // What narrows a list is no part of an address.
        var (_, _, text, example) = s_texts.LastOrDefault(row => row.Name == name && path.StartsWith(row.Below, StringComparison.Ordinal)
            && !(isPart && row.Text.StartsWith("Only ", StringComparison.Ordinal)));
        parameter["description"] ??= text;
        if (facts["example"]?[name]?.DeepClone() is { } given) parameter["example"] = given;
        else if (isPart && example is not null) parameter["example"] = example;
        if (name != "limit" || facts["maxLimit"] is not { } max || parameter["schema"] is not JsonObject schema) return;
        schema["minimum"] = 1;
        schema["maximum"] = max.DeepClone();
    }

    private static IEnumerable<(string, string, string, string?)> Narrowing(string below, string only) =>
        new[]
        {
            ("owner", "of this owner"), ("task", "for this task"), ("domain", "of this domain"), ("framework", "made with this framework"),
            ("format", "with a file of this format"), ("license", "under this licence"), ("tag", "with this tag"),
        }.Select(word => (below, word.Item1, $"{only} {word.Item2}.", (string?)null));
}
