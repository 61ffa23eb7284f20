using System.Text.Json;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>An inference as the Open Inference Protocol's JSON asks for it.</summary>
/// <param name="Outputs">Names; empty: all.</param>
internal sealed record InferenceRequest(string? Id, IReadOnlyList<Tensor> Inputs, IReadOnlyList<string> Outputs)
{
    /// <summary>Reads the body. Unknown members are ignored, as the protocol's clients need.</summary>
    /// <exception cref="InvalidDataException">The body is not such a request.</exception>
    public static async Task<InferenceRequest> ReadAsync(Stream body, CancellationToken ct)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(body, new JsonDocumentOptions { MaxDepth = 64 }, ct);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("inputs", out var inputs) || inputs.ValueKind != JsonValueKind.Array)
            {
                throw new InvalidDataException("The body must be an object with the list 'inputs'.");
            }

            return new InferenceRequest(
                root.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null,
                [.. inputs.EnumerateArray().Select(OpenInferenceTensors.Read)],
                root.TryGetProperty("outputs", out var outputs) ? Names(outputs) : []);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The body is not JSON: {e.Message}", e);
        }
    }

    /// <summary>Does it fit the model? Checked here so that a worker is asked only what it can answer.</summary>
    /// <exception cref="InvalidDataException">What does not fit, and what would.</exception>
    public void Check(Ready model)
    {
        foreach (var input in Inputs)
        {
            var spec = model.Inputs.FirstOrDefault(spec => spec.Name == input.Name)
                ?? throw new InvalidDataException($"The model has no input '{input.Name}'; it has {Names(model.Inputs)}.");
            if (spec.Type != input.Type || spec.Shape.Count != input.Shape.Count || spec.Shape.Zip(input.Shape).Any(dim => dim.First >= 0 && dim.First != dim.Second))
            {
                throw new InvalidDataException($"Input {input} does not fit {spec.Type.Name()}[{string.Join(',', spec.Shape)}].");
            }
        }

        if (Inputs.Select(input => input.Name).Distinct().Count() != Inputs.Count || Inputs.Count != model.Inputs.Count)
        {
            throw new InvalidDataException($"The model takes each of {Names(model.Inputs)} once.");
        }

        if (Outputs.FirstOrDefault(name => model.Outputs.All(spec => spec.Name != name)) is { } unknown)
        {
            throw new InvalidDataException($"The model has no output '{unknown}'; it has {Names(model.Outputs)}.");
        }
    }

    private static string Names(IReadOnlyList<ValueSpec> values) => string.Join(", ", values.Select(value => $"'{value.Name}'"));

    private static List<string> Names(JsonElement outputs)
    {
        if (outputs.ValueKind != JsonValueKind.Array)
        {
            throw new InvalidDataException("'outputs' must be a list.");
        }

        return [.. outputs.EnumerateArray().Select(output =>
            output.ValueKind == JsonValueKind.Object && output.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
                ? name.GetString()! : throw new InvalidDataException("Each of 'outputs' needs the text 'name'."))];
    }
}
