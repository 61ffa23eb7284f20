using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZooPlatform.Formats.Cards;

/// <summary>Takes texts out of a front matter; what is of another kind becomes a finding.</summary>
internal sealed class CardFields(JsonObject fields, FindingList findings, string prefix = "")
{
    private const int MaxTextLength = 1000;
    private const int MaxTexts = 200;

    /// <summary>One text. A number or a Boolean counts as what is written; a list with one text as that text.</summary>
    public string? Text(string name) => fields[name] switch
    {
        null => null,
        JsonArray { Count: 1 } list => Scalar(name, list[0]),
        var node => Scalar(name, node),
    };

    /// <summary>A list of texts; one text counts as a list of one.</summary>
    public IReadOnlyList<string> Texts(string name) => fields[name] switch
    {
        null => [],
        JsonArray list => list.Take(MaxTexts).Select(item => Scalar(name, item)).OfType<string>().Distinct(StringComparer.Ordinal).ToList(),
        var node => Scalar(name, node) is { } text ? [text] : [],
    };

    private string? Scalar(string name, JsonNode? node)
    {
        if (node is null) return null;
        if (node is not JsonValue value)
        {
            findings.Warning("card.field-kind", $"The field {prefix}{name} should be a text.");
            return null;
        }
        var text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>().Trim() : value.ToJsonString();
        if (text.Length <= MaxTextLength) return text.Length == 0 ? null : text;
        findings.Warning("card.field-too-long", $"The field {prefix}{name} has {text.Length} characters; up to {MaxTextLength} are taken.");
        return text[..MaxTextLength];
    }
}
