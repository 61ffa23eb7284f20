using System.ComponentModel.DataAnnotations;

namespace ZooPlatform.Search;

/// <summary>The section <c>Search</c>.</summary>
internal sealed class SearchOptions
{
    /// <summary>The index in Meilisearch. Platforms that share a server take different ones. Default <c>models</c>.</summary>
    [RegularExpression("[A-Za-z0-9_-]{1,200}")]
    public string Index { get; init; } = "models";

    /// <summary>A write that Meilisearch has not done after this long is tried again. Default 2 min.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan TaskTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>A query that Meilisearch has not answered after this long is refused. Default 3 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromSeconds(3);
}
