using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZooPlatform.Formats.Cards;

/// <summary>Figures out of a card's <c>model-index</c>: <c>[{results: [{dataset: {name}, metrics: [{type, name, value}]}]}]</c>.</summary>
internal static class CardResults
{
    private const int Most = 50;
    private const int MaxTextLength = 200;

    public static IReadOnlyList<CardResult> Of(JsonNode? modelIndex) =>
    [
        .. (from model in Items(modelIndex)
            from result in Items(Field(model, "results"))
            let dataset = Text(Field(Field(result, "dataset"), "name")) ?? Text(Field(Field(result, "dataset"), "type"))
            from metric in Items(Field(result, "metrics"))
            let type = Text(Field(metric, "type"))
            let value = Number(Field(metric, "value"))
            where type is not null && value is not null
            select new CardResult(Text(Field(metric, "name")) ?? type, type, value.Value, dataset)).Take(Most),
    ];

    private static IEnumerable<JsonNode?> Items(JsonNode? node) => node is JsonArray array ? array.Take(Most) : [];

    private static JsonNode? Field(JsonNode? node, string name) => node is JsonObject fields ? fields[name] : null;

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.GetValue<string>().Trim() is { Length: > 0 } text
            ? text.Length <= MaxTextLength ? text : text[..MaxTextLength] : null;

    private static double? Number(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<double>(out var number) && double.IsFinite(number) ? number : null;
}
