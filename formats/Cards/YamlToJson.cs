using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace ZooPlatform.Formats.Cards;

/// <summary>
/// One YAML mapping as JSON, read event by event so that nothing is built from tags, and depth and size stay within limits.
/// Aliases are refused: a card needs none, and they multiply.
/// </summary>
internal sealed partial class YamlToJson
{
    private const int MaxDepth = 20;
    private const int MaxNodes = 10_000;
    private readonly Parser _parser;
    private int _nodes;

    private YamlToJson(string yaml) => _parser = new Parser(new StringReader(yaml));

    /// <exception cref="YamlException">Not YAML, not a mapping, a key twice, an alias, too deep or too large; says where.</exception>
    public static JsonObject? Read(string yaml)
    {
        var reader = new YamlToJson(yaml);
        try
        {
            return reader.ReadDocument();
        }
        catch (InvalidOperationException e)
        {
            // YamlDotNet's scanner says it this way when a line cuts a plain text short: "tags: }{" inside an open list.
            var at = reader._parser.Current?.End ?? Mark.Empty;
            throw new YamlException(at, at, "This is not YAML", e);
        }
    }

    private JsonObject? ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (_parser.Accept<StreamEnd>(out _)) return null;
        _parser.Consume<DocumentStart>();
        var root = ReadNode(0, out var start);
        _parser.Consume<DocumentEnd>();
        if (!_parser.Accept<StreamEnd>(out var more)) throw new YamlException(_parser.Current!.Start, _parser.Current.End, "A second document begins here");
        return root switch
        {
            null => null,
            JsonObject fields => fields,
            _ => throw new YamlException(start, start, "The front matter must be a mapping (name: value)"),
        };
    }

    private JsonNode? ReadNode(int depth, out Mark start)
    {
        var parsed = _parser.Consume<ParsingEvent>();
        start = parsed.Start;
        if (depth > MaxDepth) throw At(parsed, $"Nested deeper than {MaxDepth}");
        if (++_nodes > MaxNodes) throw At(parsed, $"More than {MaxNodes} values");
        return parsed switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart => ReadSequence(depth),
            MappingStart => ReadMapping(depth),
            AnchorAlias => throw At(parsed, "Aliases (*name) are not taken in cards"),
            _ => throw At(parsed, "Unexpected " + parsed.GetType().Name),
        };
    }

    private JsonArray ReadSequence(int depth)
    {
        var items = new JsonArray();
        while (!_parser.TryConsume<SequenceEnd>(out _)) items.Add(ReadNode(depth + 1, out _));
        return items;
    }

    private JsonObject ReadMapping(int depth)
    {
        var fields = new JsonObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.TryConsume<Scalar>(out var key)) throw At(_parser.Current!, "A field's name must be a text");
            var value = ReadNode(depth + 1, out _);
            if (!fields.TryAdd(key.Value, value)) throw At(key, "This field stands here twice");
        }
        return fields;
    }

    // YAML 1.2's core schema for plain scalars: Hugging Face reads `no` as a language, not as a Boolean.
    // A number keeps its spelling (version: 1.10); what JSON would not call a number stays a text.
    private static JsonNode? ReadScalar(Scalar scalar)
    {
        if (scalar.Style != ScalarStyle.Plain) return scalar.Value;
        return scalar.Value switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => true,
            "false" or "False" or "FALSE" => false,
            var text when JsonNumber().IsMatch(text) => JsonNode.Parse(text),
            var text => text,
        };
    }

    [GeneratedRegex(@"^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][-+]?[0-9]{1,2})?\z")]
    private static partial Regex JsonNumber();

    private static YamlException At(ParsingEvent parsed, string message) => new(parsed.Start, parsed.End, message);
}
