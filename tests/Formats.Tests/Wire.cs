using System.Text;

namespace ZooPlatform.Formats.Tests;

/// <summary>Builds protobuf messages, good and bad, field by field.</summary>
internal sealed class Wire
{
    private readonly MemoryStream _bytes = new();

    public byte[] Bytes => _bytes.ToArray();

    public Wire Int(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public Wire Data(int field, byte[] payload)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)payload.Length);
        _bytes.Write(payload);
        return this;
    }

    public Wire Text(int field, string text) => Data(field, Encoding.UTF8.GetBytes(text));

    public Wire Message(int field, Wire message) => Data(field, message.Bytes);

    /// <summary>A ModelProto of IR version 8 and opset 17 around a graph.</summary>
    public static byte[] Model(Wire graph, params Wire[] functions)
    {
        var model = new Wire().Int(1, 8).Message(8, new Wire().Int(2, 17)).Message(8, new Wire().Text(1, "local").Int(2, 1)).Message(7, graph);
        foreach (var function in functions) model.Message(25, function);
        return model.Bytes;
    }

    /// <summary>A graph x -> nodes -> y of float32[2].</summary>
    public static Wire Graph(params Wire[] nodes)
    {
        var graph = new Wire().Text(2, "g").Message(11, Value("x")).Message(12, Value("y"));
        foreach (var node in nodes) graph.Message(1, node);
        return graph;
    }

    public static Wire Node(string type, string input, string output, string domain = "") =>
        new Wire().Text(1, input).Text(2, output).Text(4, type).Text(7, domain);

    public static Wire Tensor(string name, int type, long[] dims)
    {
        var tensor = new Wire().Int(2, type).Text(8, name);
        foreach (var dim in dims) tensor.Int(1, dim);
        return tensor;
    }

    public static Wire External(string name, long[] dims, params (string Key, string Value)[] entries)
    {
        var tensor = Tensor(name, 1, dims).Int(14, 1);
        foreach (var (key, value) in entries) tensor.Message(13, new Wire().Text(1, key).Text(2, value));
        return tensor;
    }

    private static Wire Value(string name) =>
        new Wire().Text(1, name).Message(2, new Wire().Message(1, new Wire().Int(1, 1).Message(2, new Wire().Message(1, new Wire().Int(1, 2)))));

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _bytes.WriteByte((byte)(value | 0x80));
        _bytes.WriteByte((byte)value);
    }
}
