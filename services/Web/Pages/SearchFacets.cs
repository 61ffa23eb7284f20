namespace ZooPlatform.Web.Pages;

/// <summary>What search results can be narrowed by: the query parameter and its heading, in the order shown.</summary>
internal static class SearchFacets
{
    public static IReadOnlyList<(string Name, string Title)> All { get; } =
        [("task", "Task"), ("domain", "Domain"), ("format", "Format"), ("framework", "Framework"), ("license", "Licence"), ("owner", "Owner")];
}
