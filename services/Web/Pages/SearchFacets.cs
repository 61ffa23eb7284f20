namespace ZooPlatform.Web.Pages;

/// <summary>What search results can be narrowed by: the query parameter and its heading, in the order shown.</summary>
internal static class SearchFacets
{
    public static IReadOnlyList<(string Name, string Title)> All { get; } =
    [
        ("task", "Task"), ("domain", "Domain"), ("format", "Format"), ("framework", "Framework"), ("license", "Licence"), ("owner", "Owner"), ("tag", "Tag"),
    ];

    /// <summary>The orders results can be shown in: the value of <c>sort</c> and its name. The first is what Search does when asked nothing.</summary>
    public static IReadOnlyList<(string Value, string Title)> Orders { get; } =
    [
        ("", "best match"), ("updated", "newest change"), ("latency", "fastest"), ("size", "smallest"), ("parameters", "fewest parameters"), ("name", "name"),
    ];
}
