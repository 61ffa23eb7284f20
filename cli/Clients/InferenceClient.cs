using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Cli.Clients;

/// <summary>The Open Inference Protocol over REST; tensors travel as raw bytes both ways.</summary>
internal sealed class InferenceClient(ZooHttp http)
{
    private const string HeaderLength = "Inference-Header-Content-Length";

    public Task<ServedModel> DescribeAsync(RepositoryName model, string? version, CancellationToken ct) =>
        http.GetAsync<ServedModel>(Path(model, version), ct);

    /// <param name="version">A revision's id, a branch or a tag; null: main.</param>
    /// <exception cref="InvalidDataException">The answer holds no tensors.</exception>
    public async Task<InferenceAnswer> InferAsync(RepositoryName model, string? version, IReadOnlyList<Tensor> inputs, CancellationToken ct)
    {
        var data = inputs.Select(input => input.WireBytes).ToList();
        using var request = new MemoryStream();
        WriteHead(request, inputs, data);
        var requestHead = request.Length;
        foreach (var bytes in data)
        {
            request.Write(bytes.Span);
        }
        var content = new ByteArrayContent(request.GetBuffer(), 0, (int)request.Length);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add(HeaderLength, requestHead.ToString(CultureInfo.InvariantCulture));
        using var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Post, $"{Path(model, version)}/infer") { Content = content }, ct);
        var body = await answer.Content.ReadAsByteArrayAsync(ct);
        var headBytes = answer.Headers.TryGetValues(HeaderLength, out var values) && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length : body.Length;
        return headBytes <= body.Length ? Read(body.AsMemory(0, headBytes), body.AsMemory(headBytes)) : throw new InvalidDataException("the zoo's answer is cut off");
    }

    private static string Path(RepositoryName model, string? version) =>
        $"/v2/models/{ZooHttp.Escape(model)}{(version is null ? "" : $"/versions/{Uri.EscapeDataString(version)}")}";

    private static void WriteHead(Stream into, IReadOnlyList<Tensor> inputs, List<ReadOnlyMemory<byte>> data)
    {
        using var writer = new Utf8JsonWriter(into);
        writer.WriteStartObject();
        writer.WriteStartArray("inputs");
        for (var i = 0; i < inputs.Count; i++)
        {
            OpenInferenceTensors.WriteBinary(writer, inputs[i].Name, inputs[i].Type, inputs[i].Shape, data[i].Length);
        }
        writer.WriteEndArray();
        writer.WriteStartObject("parameters");
        writer.WriteBoolean("binary_data_output", true);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static InferenceAnswer Read(ReadOnlyMemory<byte> json, ReadOnlyMemory<byte> data)
    {
        try
        {
            using var head = JsonDocument.Parse(json);
            if (head.RootElement.ValueKind != JsonValueKind.Object || !head.RootElement.TryGetProperty("outputs", out var outputs) || outputs.ValueKind != JsonValueKind.Array)
            {
                throw new InvalidDataException("the zoo's answer holds no outputs");
            }
            var tensors = new List<Tensor>();
            foreach (var output in outputs.EnumerateArray())
            {
                tensors.Add(OpenInferenceTensors.Read(output, ref data));
            }
            return new InferenceAnswer(Text("model_name"), Text("model_version"), tensors);

            string? Text(string member) => head.RootElement.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException("the zoo's answer cannot be read", e);
        }
    }
}

/// <summary>A model's outputs.</summary>
/// <param name="Version">The revision that answered.</param>
internal sealed record InferenceAnswer(string? Model, string? Version, IReadOnlyList<Tensor> Outputs)
{
    /// <summary>The answer as the protocol's JSON has it, the data within.</summary>
    /// <exception cref="InvalidDataException">An output has no place in JSON.</exception>
    public JsonElement ToJson()
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("model_name", Model);
            writer.WriteString("model_version", Version);
            writer.WriteStartArray("outputs");
            foreach (var output in Outputs)
            {
                OpenInferenceTensors.Write(writer, output);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        using var json = JsonDocument.Parse(bytes.ToArray());
        return json.RootElement.Clone();
    }
}

/// <summary>What a served model takes and gives.</summary>
internal sealed record ServedModel(string Name, IReadOnlyList<ServedTensor> Inputs, IReadOnlyList<ServedTensor> Outputs);

/// <param name="Shape">-1 where any length is taken.</param>
internal sealed record ServedTensor(string Name, string Datatype, IReadOnlyList<long> Shape);
