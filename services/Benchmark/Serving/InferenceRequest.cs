using System.Globalization;
using System.Text.Json;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>
/// An inference as the Open Inference Protocol asks for it: JSON, then the inputs that are not in it as raw bytes, in their order.
/// <c>Inference-Header-Content-Length</c> says how long the JSON is; without it all is JSON; 0: the body is the one input, raw.
/// Tensors lie in the body as it arrived, or, read from JSON, in memory of their own.
/// </summary>
internal sealed class InferenceRequest : IDisposable
{
    public const string HeaderName = "Inference-Header-Content-Length";
    private readonly List<PooledBytes> _fromJson = [];
    private readonly long _mostBytes;
    private readonly MemoryBudget? _budget;
    private ReadOnlyMemory<byte>? _raw;
    private bool _isBinary;

    private InferenceRequest(long mostBytes, MemoryBudget? budget) => (_mostBytes, _budget) = (mostBytes, budget);

    public string? Id { get; private set; }

    public IReadOnlyList<TensorPart> Inputs { get; private set; } = [];

    /// <summary>Empty: all.</summary>
    public IReadOnlyList<WantedOutput> Outputs { get; private set; } = [];

    /// <summary>Shall this output follow the answer's JSON as raw bytes?</summary>
    public bool IsBinary(string output) => Outputs.FirstOrDefault(wanted => wanted.Name == output)?.Binary ?? _isBinary;

    /// <summary>Reads a body. Unknown members are ignored, as the protocol's clients need.</summary>
    /// <param name="header">The value of <see cref="HeaderName"/>; null: absent.</param>
    /// <param name="mostBytes">Tensors in JSON may not take more than this.</param>
    /// <param name="budget">What that memory is taken from.</param>
    /// <exception cref="InvalidDataException">The body is not such a request.</exception>
    /// <exception cref="BudgetException">Too much is held already.</exception>
    public static InferenceRequest Read(ReadOnlyMemory<byte> body, string? header, long mostBytes, MemoryBudget? budget)
    {
        var request = new InferenceRequest(mostBytes, budget);
        try
        {
            var jsonBytes = header is null ? body.Length
                : int.TryParse(header, NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= body.Length ? length
                : throw new InvalidDataException($"{HeaderName} is '{header}' and the body has {body.Length} bytes: it is the number of bytes of the JSON that the body begins with.");
            if (header is not null && jsonBytes == 0)
            {
                (request._raw, request._isBinary) = (body, true);
                return request;
            }

            request.Parse(body.Span[..jsonBytes], body[jsonBytes..]);
            return request;
        }
        catch (Exception e)
        {
            request.Dispose();
            if (e is JsonException or InvalidOperationException)
            {
                throw new InvalidDataException($"The body is not JSON: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Does it fit the model? Checked here so that a worker is asked only what it can answer.</summary>
    /// <exception cref="InvalidDataException">What does not fit, and what would.</exception>
    public void Fit(Ready model)
    {
        if (_raw is { } raw)
        {
            Inputs = [Deduce(model, raw)];
        }

        foreach (var input in Inputs)
        {
            var spec = model.Inputs.FirstOrDefault(spec => spec.Name == input.Name)
                ?? throw new InvalidDataException($"The model has no input '{input.Name}'; it has {Names(model.Inputs)}.");
            if (!Fits(spec, input))
            {
                throw new InvalidDataException($"Input {input} does not fit {spec.Type.OpenInferenceName() ?? spec.Type.Name()}[{string.Join(',', spec.Shape)}].");
            }
        }

        if (Inputs.Count != model.Inputs.Count || Inputs.DistinctBy(input => input.Name).Count() != Inputs.Count)
        {
            throw new InvalidDataException($"The model takes each of {Names(model.Inputs)} once.");
        }

        if (Outputs.FirstOrDefault(wanted => model.Outputs.All(spec => spec.Name != wanted.Name)) is { } unknown)
        {
            throw new InvalidDataException($"The model has no output '{unknown.Name}'; it has {Names(model.Outputs)}.");
        }
    }

    public void Dispose() => _fromJson.ForEach(bytes => bytes.Dispose());

    private void Parse(ReadOnlySpan<byte> json, ReadOnlyMemory<byte> binary)
    {
        List<OpenInferenceTensor>? inputs = null;
        var reader = new Utf8JsonReader(json);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new InvalidDataException("The body must be an object with the list 'inputs'.");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                Id = reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new InvalidDataException("'id' must be a text.");
            }
            else if (reader.ValueTextEquals("inputs"u8))
            {
                inputs = ReadInputs(ref reader, json.Length);
            }
            else if (reader.ValueTextEquals("outputs"u8))
            {
                Outputs = WantedOutput.ReadList(ref reader);
            }
            else if (reader.ValueTextEquals("parameters"u8))
            {
                _isBinary = WantedOutput.ReadFlag(ref reader, "binary_data_output"u8) ?? _isBinary;
            }
            else
            {
                reader.Skip();
            }
        }

        reader.Read();   // whatever follows the object is refused
        Inputs = Place(inputs ?? throw new InvalidDataException("The body must be an object with the list 'inputs'."), binary);
    }

    private List<OpenInferenceTensor> ReadInputs(ref Utf8JsonReader reader, int jsonBytes)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new InvalidDataException("'inputs' must be a list.");
        }

        var inputs = new List<OpenInferenceTensor>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            inputs.Add(OpenInferenceTensors.Read(ref reader, jsonBytes, Rent));
        }

        return inputs;
    }

    private Memory<byte> Rent(int bytes)
    {
        if (bytes + _fromJson.Sum(held => (long)held.Length) > _mostBytes)
        {
            throw new InvalidDataException($"The tensors take more than {_mostBytes} bytes, the limit.");
        }

        var rented = new PooledBytes(_budget);
        _fromJson.Add(rented);
        var memory = rented.GetMemory(bytes);
        rented.Advance(bytes);
        return memory;
    }

    /// <summary>Gives each input that follows the JSON its bytes.</summary>
    private static TensorPart[] Place(List<OpenInferenceTensor> inputs, ReadOnlyMemory<byte> binary)
    {
        var parts = new TensorPart[inputs.Count];
        var rest = binary;
        for (var i = 0; i < parts.Length; i++)
        {
            var (name, type, shape, follows, data) = inputs[i];
            if (follows > rest.Length)
            {
                throw new InvalidDataException($"Tensor '{name}': binary_data_size is {follows}, and {rest.Length} bytes are left of the body.");
            }

            if (follows is { } bytes)
            {
                data = rest[..(int)bytes];
                rest = rest[(int)bytes..];
                OpenInferenceData.Check(name, type, shape, data.Span);
            }

            parts[i] = new TensorPart(name, type, shape, data);
        }

        return rest.IsEmpty ? parts : throw new InvalidDataException($"{rest.Length} bytes of the body belong to no input: the sizes in binary_data_size and {HeaderName} do not add up to it.");
    }

    /// <summary>The one input of which only the bytes were sent: its shape has one open dimension, or none.</summary>
    private static TensorPart Deduce(Ready model, ReadOnlyMemory<byte> raw)
    {
        if (model.Inputs is not [var spec] || spec.Shape.Count(dim => dim < 0) > 1 || spec.Type == ElementType.String)
        {
            throw new InvalidDataException($"{HeaderName} is 0: the body is one raw tensor, which needs a model with one input of numbers and one open dimension. Send the JSON as well.");
        }

        var known = Tensor.Elements([.. spec.Shape.Where(dim => dim >= 0)]) * Math.Max(1, spec.Type.Bits() / 8);
        long[] shape = [.. spec.Shape.Select(dim => dim >= 0 ? dim : known == 0 ? 0 : raw.Length / known)];
        OpenInferenceData.Check(spec.Name, spec.Type, shape, raw.Span);
        return new TensorPart(spec.Name, spec.Type, shape, raw);
    }

    private static bool Fits(ValueSpec spec, TensorPart input)
    {
        if (spec.Type != input.Type || spec.Shape.Count != input.Shape.Length)
        {
            return false;
        }

        for (var i = 0; i < input.Shape.Length; i++)
        {
            if (spec.Shape[i] >= 0 && spec.Shape[i] != input.Shape[i])
            {
                return false;
            }
        }

        return true;
    }

    private static string Names(IReadOnlyList<ValueSpec> values) => string.Join(", ", values.Select(value => $"'{value.Name}'"));
}
