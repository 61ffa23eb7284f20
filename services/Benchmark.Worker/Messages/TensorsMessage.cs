using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Messages;

/// <summary>
/// One inference, asked or answered; the tensors' bytes are the payload, in this order. Not JSON: it is read and written for each request.
/// <code>
/// | 1: 1 byte | run ns: 8 | tensors: 4 | { name | type: 4 | dims: 4 | dim: 8 ... | bytes: 8 } ... | names: 4 | name ... |
/// name:  | length: 4 | UTF-8 |
/// </code>
/// </summary>
/// <param name="RunNs">How long ONNX Runtime ran; 0 in a question.</param>
/// <param name="Names">Of the wanted outputs, in a question; empty: all.</param>
public sealed record TensorsMessage(long RunNs, IReadOnlyList<TensorHead> Tensors, IReadOnlyList<string> Names)
{
    public const byte Mark = 1;

    public void WriteTo(IBufferWriter<byte> into)
    {
        into.Write([Mark]);
        Put(into, RunNs);
        Put(into, Tensors.Count);
        foreach (var tensor in Tensors)
        {
            Put(into, tensor.Name);
            Put(into, (int)tensor.Type);
            Put(into, tensor.Shape.Length);
            foreach (var dim in tensor.Shape)
            {
                Put(into, dim);
            }

            Put(into, tensor.SizeBytes);
        }

        Put(into, Names.Count);
        foreach (var name in Names)
        {
            Put(into, name);
        }
    }

    /// <exception cref="InvalidDataException">It is cut, or no such message.</exception>
    public static TensorsMessage Read(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes[1..];
        var runNs = Long(ref rest);
        var tensors = new TensorHead[Count(ref rest)];
        for (var i = 0; i < tensors.Length; i++)
        {
            var (name, type) = (Text(ref rest), (ElementType)Int(ref rest));
            var shape = new long[Count(ref rest)];
            for (var d = 0; d < shape.Length; d++)
            {
                shape[d] = Long(ref rest);
            }

            tensors[i] = new TensorHead(name, type, shape, Long(ref rest));
        }

        var names = new string[Count(ref rest)];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = Text(ref rest);
        }

        return new TensorsMessage(runNs, tensors, names);
    }

    private static void Put(IBufferWriter<byte> into, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into.GetSpan(sizeof(int)), value);
        into.Advance(sizeof(int));
    }

    private static void Put(IBufferWriter<byte> into, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(into.GetSpan(sizeof(long)), value);
        into.Advance(sizeof(long));
    }

    private static void Put(IBufferWriter<byte> into, string text)
    {
        Put(into, Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, into);
    }

    private static int Int(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadInt32LittleEndian(Take(ref rest, sizeof(int)));

    private static long Long(ref ReadOnlySpan<byte> rest) => BinaryPrimitives.ReadInt64LittleEndian(Take(ref rest, sizeof(long)));

    private static string Text(ref ReadOnlySpan<byte> rest) => Encoding.UTF8.GetString(Take(ref rest, Int(ref rest)));

    // Of whatever is counted, each takes four bytes at least.
    private static int Count(ref ReadOnlySpan<byte> rest) =>
        Int(ref rest) is var count && count >= 0 && count <= rest.Length / sizeof(int) ? count : throw Cut();

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int bytes)
    {
        if (bytes < 0 || bytes > rest.Length)
        {
            throw Cut();
        }

        var taken = rest[..bytes];
        rest = rest[bytes..];
        return taken;
    }

    private static InvalidDataException Cut() => new("A message of tensors is cut.");
}

/// <summary>A tensor whose bytes follow, as <see cref="OpenInferenceData"/> lays them out.</summary>
public sealed record TensorHead(string Name, ElementType Type, long[] Shape, long SizeBytes);
