using System.Text.Json;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Measure.Infer;

/// <summary>An inference's body, made once from a folder of sample data (<c>input_0.pb</c>, ...).</summary>
internal sealed class InferBody
{
    private readonly byte[] _bytes;
    private readonly int _jsonBytes;
    private readonly bool _isBinary;

    private InferBody(byte[] bytes, int jsonBytes, bool isBinary) => (_bytes, _jsonBytes, _isBinary) = (bytes, jsonBytes, isBinary);

    public static InferBody Read(string folder, IReadOnlyList<string> names, bool isBinary)
    {
        var inputs = names.Select((name, i) => TensorFile.Read(File.ReadAllBytes(Path.Combine(folder, $"input_{i}.pb"))).Named(name)).ToList();
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("inputs");
            foreach (var input in inputs)
            {
                if (isBinary) OpenInferenceTensors.WriteBinary(writer, input.Name, input.Type, input.Shape, input.WireBytes.Length);
                else OpenInferenceTensors.Write(writer, input);
            }
            writer.WriteEndArray();
            if (isBinary)
            {
                writer.WriteStartObject("parameters");
                writer.WriteBoolean("binary_data_output", true);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        var jsonBytes = (int)body.Length;
        foreach (var input in isBinary ? inputs : []) body.Write(input.WireBytes.Span);
        return new InferBody(body.ToArray(), jsonBytes, isBinary);
    }

    public ByteArrayContent Content()
    {
        var content = new ByteArrayContent(_bytes);
        if (_isBinary) content.Headers.Add("Inference-Header-Content-Length", $"{_jsonBytes}");
        return content;
    }
}
