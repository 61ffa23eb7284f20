using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Formats.Onnx;

/// <summary>Reads a ModelProto's structure. Weights are skipped by seeking and only their sizes are kept, but that values of a small
/// model are looked through.</summary>
/// <remarks>Field numbers are those of onnx.proto.</remarks>
internal sealed class OnnxModelReader(ProtobufReader reader, InspectionLimits limits)
{
    private int _nodes;
    private long _weightBytesRead;

    /// <exception cref="InvalidDataException">Not a ModelProto, or past a limit.</exception>
    public async ValueTask<OnnxModel> ReadAsync()
    {
        var model = new OnnxModel();
        await reader.ForEachFieldAsync(reader.Length, async field =>
        {
            switch (field.Number)
            {
                case 1: model.IrVersion = (long)Varint(field); break;
                case 2: model.ProducerName = await reader.ReadTextAsync(field); break;
                case 3: model.ProducerVersion = await reader.ReadTextAsync(field); break;
                case 7: model.Graph = await ReadGraphAsync(field, 0); break;
                case 8: model.Opsets.Add(await ReadOpsetAsync(field)); break;
                case 14:
                    var (key, value) = await ReadEntryAsync(field);
                    model.Metadata[key] = value;
                    break;
                case 20: model.HasTrainingInfo = true; break;
                case 25: model.Functions.Add(await ReadFunctionAsync(field)); break;
            }
        });
        return model;
    }

    private async ValueTask<OnnxGraph> ReadGraphAsync(ProtobufField message, int depth)
    {
        Enter(message);
        if (depth > limits.MaxSubgraphDepth) throw reader.Invalid($"graphs nested deeper than {limits.MaxSubgraphDepth}");
        var graph = new OnnxGraph();
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            switch (field.Number)
            {
                case 1: graph.Nodes.Add(await ReadNodeAsync(field, depth)); break;
                case 2: graph.Name = await reader.ReadTextAsync(field); break;
                case 5: graph.Initializers.Add(await ReadTensorAsync(field)); break;
                case 11: graph.Inputs.Add(await ReadValueAsync(field)); break;
                case 12: graph.Outputs.Add(await ReadValueAsync(field)); break;
                case 13: graph.ValueInfo.Add(await ReadValueAsync(field)); break;
                case 15: graph.SparseInitializers.Add(await ReadSparseTensorAsync(field)); break;
            }
        });
        return graph;
    }

    private async ValueTask<OnnxNode> ReadNodeAsync(ProtobufField message, int depth)
    {
        Enter(message);
        if (++_nodes > limits.MaxNodes) throw reader.Invalid($"more than {limits.MaxNodes} nodes");
        var node = new OnnxNode();
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            switch (field.Number)
            {
                case 1: node.Inputs.Add(await ReadNameAsync(field)); break;
                case 2: node.Outputs.Add(await ReadNameAsync(field)); break;
                case 3: node.Name = await reader.ReadTextAsync(field); break;
                case 4: node.OpType = await reader.ReadTextAsync(field); break;
                case 5: node.Attributes.Add(await ReadAttributeAsync(field, depth)); break;
                case 7: node.Domain = NormalDomain(await reader.ReadTextAsync(field)); break;
            }
        });
        return node;
    }

    private async ValueTask<OnnxAttribute> ReadAttributeAsync(ProtobufField message, int depth)
    {
        Enter(message);
        var attribute = new OnnxAttribute();
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            switch (field.Number)
            {
                case 1: attribute.Name = await reader.ReadTextAsync(field); break;
                case 3: attribute.Integer = (long)Varint(field); break;
                case 4 when field.Length <= 4096: attribute.Text = await reader.ReadTextAsync(field); break;
                case 5 or 10: attribute.Tensors.Add(await ReadTensorAsync(field)); break;
                case 6 or 11: attribute.Graphs.Add(await ReadGraphAsync(field, depth + 1)); break;
                case 22 or 23: attribute.SparseTensors.Add(await ReadSparseTensorAsync(field)); break;
            }
        });
        return attribute;
    }

    private async ValueTask<OnnxTensor> ReadTensorAsync(ProtobufField message)
    {
        Enter(message);
        var tensor = new OnnxTensor();
        var values = new List<(long Start, long Length)>();
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            if (field is { Number: 4 or 9 or 10, WireType: ProtobufWireType.LengthDelimited })
            {
                reader.CountPart();
                values.Add((reader.Position, field.Length));
            }
            switch (field.Number)
            {
                case 1: await ReadDimsAsync(field, tensor.Dims); break;
                case 2: tensor.Type = (ElementType)(int)Varint(field); break;
                case 4 or 5 or 7 or 10 or 11: tensor.TypedBytes += field.WireType == ProtobufWireType.Varint ? 1 : field.Length; break;
                case 6: tensor.TypedBytes++; break;
                case 8: tensor.Name = await reader.ReadTextAsync(field); break;
                case 9: tensor.RawBytes = field.Length; break;
                case 13:
                    var (key, value) = await ReadEntryAsync(field);
                    tensor.External[key] = value;
                    break;
                case 14: tensor.IsExternal = Varint(field) == 1; break;
            }
        });
        // After all fields: the type may stand behind the values.
        var bytes = values.Sum(range => range.Length);
        if (bytes > 0 && bytes <= limits.MaxWeightBytesRead - _weightBytesRead && WeightValues.CanRead(tensor.Type))
        {
            _weightBytesRead += bytes;
            tensor.Values = new WeightValues(tensor.Type);
            foreach (var (start, length) in values) await reader.ReadBytesAsync(start, length, tensor.Values.Add);
        }
        return tensor;
    }

    private async ValueTask<OnnxSparseTensor> ReadSparseTensorAsync(ProtobufField message)
    {
        Enter(message);
        var tensor = new OnnxSparseTensor();
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            switch (field.Number)
            {
                case 1: tensor.Values = await ReadTensorAsync(field); break;
                case 3: await ReadDimsAsync(field, tensor.Dims); break;
            }
        });
        return tensor;
    }

    private async ValueTask<OnnxFunction> ReadFunctionAsync(ProtobufField message)
    {
        Enter(message);
        var function = new OnnxFunction();
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            switch (field.Number)
            {
                case 1: function.Name = await reader.ReadTextAsync(field); break;
                case 4: function.Inputs.Add(await ReadNameAsync(field)); break;
                case 5: function.Outputs.Add(await ReadNameAsync(field)); break;
                case 7: function.Nodes.Add(await ReadNodeAsync(field, 0)); break;
                case 9: function.Opsets.Add(await ReadOpsetAsync(field)); break;
                case 10: function.Domain = NormalDomain(await reader.ReadTextAsync(field)); break;
            }
        });
        return function;
    }

    private async ValueTask<OnnxValue> ReadValueAsync(ProtobufField message)
    {
        Enter(message);
        var (name, type) = ("", OnnxType.None);
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            switch (field.Number)
            {
                case 1: name = await reader.ReadTextAsync(field); break;
                case 2: type = await new OnnxTypeReader(reader, limits).ReadAsync(field); break;
            }
        });
        return new OnnxValue(name, type);
    }

    private async ValueTask<(string Domain, long Version)> ReadOpsetAsync(ProtobufField message)
    {
        Enter(message);
        var (domain, version) = ("", 0L);
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            switch (field.Number)
            {
                case 1: domain = NormalDomain(await reader.ReadTextAsync(field)); break;
                case 2: version = (long)Varint(field); break;
            }
        });
        return (domain, version);
    }

    private async ValueTask<(string Key, string Value)> ReadEntryAsync(ProtobufField message)
    {
        Enter(message);
        var (key, value) = ("", "");
        await reader.ForEachFieldAsync(message.End, async field =>
        {
            switch (field.Number)
            {
                case 1: key = await reader.ReadTextAsync(field); break;
                case 2: value = await reader.ReadTextAsync(field); break;
            }
        });
        return (key, value);
    }

    private async ValueTask ReadDimsAsync(ProtobufField field, List<long> dims)
    {
        if (field.Length > limits.MaxRank * 10 || dims.Count >= limits.MaxRank) throw reader.Invalid($"a tensor has more than {limits.MaxRank} dimensions");
        await reader.ReadIntegersAsync(field, dims);
    }

    private ValueTask<string> ReadNameAsync(ProtobufField field)
    {
        reader.CountPart();
        return reader.ReadTextAsync(field);
    }

    private void Enter(ProtobufField message)
    {
        reader.RequireLengthDelimited(message);
        reader.CountPart();
    }

    private ulong Varint(ProtobufField field) =>
        field.WireType == ProtobufWireType.Varint ? field.Value : throw reader.Invalid($"field {field.Number} has wire type {(int)field.WireType}, not 0");

    private static string NormalDomain(string domain) => domain == "ai.onnx" ? "" : domain;
}
