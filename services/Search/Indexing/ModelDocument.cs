using System.Text;
using System.Text.RegularExpressions;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Search.Queries;

namespace ZooPlatform.Search.Indexing;

/// <summary>A model as it stands in the index; written in camelCase. Times are milliseconds since 1970.</summary>
/// <param name="Words">The name and title cut where letters, case and digits meet: <c>ResNet50_v1d</c> becomes <c>Res Net 50 v 1 d</c>.</param>
/// <param name="Glued">Name and title without what is neither letter nor digit: <c>resnet50v1d</c>.</param>
/// <param name="Readers">Reader keys: every query is filtered by them.</param>
internal sealed record ModelDocument(
    Guid Id, string Owner, string Name, string Title, IReadOnlyList<string> Words, IReadOnlyList<string> Glued, string? Summary, string? Task,
    string? Domain, IReadOnlyList<string> Frameworks, IReadOnlyList<string> Formats, string? License, IReadOnlyList<string> Tags,
    long? Parameters, long SizeBytes, double? LatencyP50Ms, string Visibility, IReadOnlyList<string> Readers, string? Stub, string? Text,
    long CreatedAt, long UpdatedAt)
{
    /// <param name="owner">As Artifact names it: who may see what under which name is Artifact's to say.</param>
    public static ModelDocument Of(ModelState model, string owner, string name, string visibility, IReadOnlyList<string> readers)
    {
        string[] names = model.Title == name ? [name] : [name, model.Title];
        return new ModelDocument(
            model.Id, owner, name, Highlights.Unmarked(model.Title)!, [.. names.Select(NameForms.Words)], [.. names.Select(NameForms.Glued)],
            Highlights.Unmarked(model.Summary), model.Task, model.Domain, model.Frameworks, model.Formats, model.License, model.Tags,
            model.Parameters, model.SizeBytes, model.LatencyP50Ms, visibility, readers, model.Stub, Highlights.Unmarked(model.Text),
            model.CreatedAt.ToUnixTimeMilliseconds(), model.UpdatedAt.ToUnixTimeMilliseconds());
    }
}

/// <summary>Other forms of a name, under which people look for it.</summary>
internal static partial class NameForms
{
    public static string Words(string name) => string.Join(' ', Parts().Matches(name).Select(match => match.Value));

    public static string Glued(string name)
    {
        var glued = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes().Where(Rune.IsLetterOrDigit)) glued.Append(Rune.ToLowerInvariant(rune).ToString());
        return glued.ToString();
    }

    // digits | CAPITALS before a capitalised word | Capitalised or small letters | other letters
    [GeneratedRegex(@"\p{Nd}+|\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[\p{Lo}\p{Lt}\p{Lm}]+")]
    private static partial Regex Parts();
}
