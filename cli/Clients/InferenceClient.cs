using System.Net.Http.Headers;
using System.Text.Json;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Cli.Clients;

/// <summary>The Open Inference Protocol, REST with JSON tensors.</summary>
internal sealed class InferenceClient(ZooHttp http)
{
    public Task<ServedModel> DescribeAsync(RepositoryName model, CancellationToken ct) =>
        http.GetAsync<ServedModel>($"/v2/models/{ZooHttp.Escape(model)}", ct);

    /// <exception cref="InvalidDataException">The answer holds no tensors.</exception>
    public async Task<InferenceAnswer> InferAsync(RepositoryName model, IReadOnlyList<Tensor> inputs, CancellationToken ct)
    {
        var content = new ByteArrayContent(Request(inputs));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, $"/v2/models/{ZooHttp.Escape(model)}/infer") { Content = content }, ct);
        var json = await ZooHttp.ReadAsync<JsonElement>(answer, ct);
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("outputs", out var outputs) || outputs.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidDataException("the zoo's answer holds no outputs");
        }
        return new InferenceAnswer(json, outputs.EnumerateArray().Select(OpenInferenceTensors.Read).ToList());
    }

    private static byte[] Request(IReadOnlyList<Tensor> inputs)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("inputs");
            foreach (var input in inputs)
            {
                OpenInferenceTensors.Write(writer, input);
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return bytes.ToArray();
    }
}

/// <param name="Json">The answer as it came.</param>
internal sealed record InferenceAnswer(JsonElement Json, IReadOnlyList<Tensor> Outputs);

/// <summary>What a served model takes and gives.</summary>
internal sealed record ServedModel(string Name, IReadOnlyList<ServedTensor> Inputs, IReadOnlyList<ServedTensor> Outputs);

/// <param name="Shape">-1 where any length is taken.</param>
internal sealed record ServedTensor(string Name, string Datatype, IReadOnlyList<long> Shape);
