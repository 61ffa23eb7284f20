using System.Globalization;
using System.Text.Json;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>An inference's answer: JSON, then the outputs that were asked for in binary, as they came from the worker.</summary>
internal static class InferenceResponse
{
    private static readonly JsonWriterOptions s_trusted = new() { SkipValidation = true };

    /// <exception cref="InvalidDataException">An output has no place in JSON; nothing was sent yet.</exception>
    public static async Task WriteAsync(
        HttpResponse response, string model, string version, InferenceRequest request, Inference inference, MemoryBudget budget, CancellationToken ct)
    {
        using var json = new PooledBytes(budget);
        var binary = WriteJson(json, model, version, request, inference);
        response.ContentLength = json.Length + binary.Sum(part => (long)part.Bytes.Length);
        response.ContentType = binary.Count == 0 ? "application/json" : "application/octet-stream";
        if (binary.Count > 0)
        {
            response.Headers[InferenceRequest.HeaderName] = json.Length.ToString(CultureInfo.InvariantCulture);
        }

        await response.Body.WriteAsync(json.Memory, ct);
        foreach (var part in binary)
        {
            await response.Body.WriteAsync(part.Bytes, ct);
        }
    }

    private static List<TensorPart> WriteJson(PooledBytes into, string model, string version, InferenceRequest request, Inference inference)
    {
        var binary = new List<TensorPart>();
        using var writer = new Utf8JsonWriter(into, s_trusted);
        writer.WriteStartObject();
        writer.WriteString("model_name"u8, model);
        writer.WriteString("model_version"u8, version);
        if (request.Id is { Length: > 0 } id)
        {
            writer.WriteString("id"u8, id);
        }

        writer.WriteStartArray("outputs"u8);
        foreach (var output in inference.Outputs)
        {
            if (request.IsBinary(output.Name))
            {
                OpenInferenceTensors.WriteBinary(writer, output.Name, output.Type, output.Shape, output.Bytes.Length);
                binary.Add(output);
                continue;
            }

            OpenInferenceTensors.WriteHead(writer, output.Name, output.Type, output.Shape);
            writer.WritePropertyName("data"u8);
            OpenInferenceData.WriteJson(writer, output.Name, output.Type, output.Bytes.Span);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        return binary;
    }
}
