using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Search.Queries;

/// <summary>Filters in Meilisearch's language. What callers write gets in through <see cref="Quoted"/> and no other way.</summary>
internal static class Filter
{
    /// <summary>What the caller may see: the condition that every query carries.</summary>
    /// <param name="hidden">Repositories that somebody may just have lost sight of.</param>
    public static string VisibleTo(Caller caller, IReadOnlyCollection<Guid> hidden)
    {
        var visible = In("readers", caller.ReaderKeys);
        if (caller.OnlyRepositories is { } only) visible += $" AND {In("id", only.Select(id => id.ToString()))}";
        if (hidden.Count > 0) visible += $" AND NOT {In("id", hidden.Select(id => id.ToString()))}";
        return visible;
    }

    /// <summary>True for documents whose field has one of the values.</summary>
    /// <param name="field">One of ours, never the caller's.</param>
    public static string In(string field, IEnumerable<string> values) => $"{field} IN [{string.Join(", ", values.Select(Quoted))}]";

    /// <summary>A text that stays a text, whatever it holds.</summary>
    public static string Quoted(string value) => $"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";
}
