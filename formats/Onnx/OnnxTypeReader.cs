using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Formats.Onnx;

/// <summary>Reads a TypeProto.</summary>
internal sealed class OnnxTypeReader(ProtobufReader reader, InspectionLimits limits)
{
    private const int MaxDepth = 16;

    public ValueTask<OnnxType> ReadAsync(ProtobufField message) => ReadTypeAsync(message, 0);

    private async ValueTask<OnnxType> ReadTypeAsync(ProtobufField message, int depth)
    {
        reader.RequireLengthDelimited(message);
        if (depth > MaxDepth) throw reader.Invalid($"types nested deeper than {MaxDepth}");
        var type = OnnxType.None;
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            type = field.Number switch
            {
                1 => await ReadTensorTypeAsync(field, "tensor"),
                4 => await ReadContainerAsync(field, "seq", depth),
                5 => await ReadContainerAsync(field, "map", depth),
                7 => new OnnxType("opaque", ElementType.Undefined, null, null),
                8 => await ReadTensorTypeAsync(field, "sparse_tensor"),
                9 => await ReadContainerAsync(field, "optional", depth),
                _ => type,
            };
        });
        return type;
    }

    private async ValueTask<OnnxType> ReadTensorTypeAsync(ProtobufField message, string kind)
    {
        reader.RequireLengthDelimited(message);
        var element = ElementType.Undefined;
        List<Dimension>? shape = null;
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            switch (field.Number)
            {
                case 1: element = (ElementType)(int)field.Value; break;
                case 2: shape = await ReadShapeAsync(field); break;
            }
        });
        return new OnnxType(kind, element, shape, null);
    }

    // Sequence and optional: 1 = element type. Map: 1 = key's element type, 2 = value type.
    private async ValueTask<OnnxType> ReadContainerAsync(ProtobufField message, string kind, int depth)
    {
        reader.RequireLengthDelimited(message);
        var (key, inner) = (ElementType.Undefined, OnnxType.None);
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            if (kind == "map" && field.Number == 1) key = (ElementType)(int)field.Value;
            else if (field.Number == (kind == "map" ? 2 : 1)) inner = await ReadTypeAsync(field, depth + 1);
        });
        return new OnnxType(kind, key, null, inner);
    }

    private async ValueTask<List<Dimension>> ReadShapeAsync(ProtobufField message)
    {
        reader.RequireLengthDelimited(message);
        var shape = new List<Dimension>();
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            if (field.Number != 1) return;
            if (shape.Count >= limits.MaxRank) throw reader.Invalid($"a value has more than {limits.MaxRank} dimensions");
            shape.Add(await ReadDimensionAsync(field));
        });
        return shape;
    }

    private async ValueTask<Dimension> ReadDimensionAsync(ProtobufField message)
    {
        reader.RequireLengthDelimited(message);
        reader.CountPart();
        var dimension = Dimension.Unknown;
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            switch (field.Number)
            {
                // Some writers put -1 where they mean "unknown".
                case 1: dimension = (long)field.Value >= 0 ? Dimension.Of((long)field.Value) : Dimension.Unknown; break;
                case 2: dimension = Dimension.Named(await reader.ReadTextAsync(field)); break;
            }
        });
        return dimension;
    }
}
