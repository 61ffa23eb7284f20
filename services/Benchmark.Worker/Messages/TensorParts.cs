using System.Buffers.Binary;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Benchmark.Messages;

/// <summary>Tensors as a message carries them: a list of parts and, in the same order, their bytes. Numbers are row-major and
/// little-endian; a string element is a 4-byte length and its bytes.</summary>
public static class TensorParts
{
    public static (IReadOnlyList<TensorPart> Parts, IReadOnlyList<ReadOnlyMemory<byte>> Payload) Split(IReadOnlyList<Tensor> tensors)
    {
        var payload = tensors.Select(tensor => tensor.Type == ElementType.String ? Pack(tensor.Strings) : tensor.Data).ToList();
        var parts = tensors.Zip(payload, (tensor, data) => new TensorPart(tensor.Name, tensor.Type, tensor.Shape, data.Length)).ToList();
        return (parts, payload);
    }

    /// <exception cref="InvalidDataException">Parts and bytes do not fit together.</exception>
    public static IReadOnlyList<Tensor> Join(IReadOnlyList<TensorPart> parts, ReadOnlyMemory<byte> payload)
    {
        var tensors = new List<Tensor>(parts.Count);
        foreach (var part in parts)
        {
            if (part.SizeBytes < 0 || part.SizeBytes > payload.Length)
            {
                throw new InvalidDataException($"Tensor '{part.Name}' announces {part.SizeBytes} bytes; {payload.Length} are left.");
            }

            var data = payload[..(int)part.SizeBytes];
            payload = payload[(int)part.SizeBytes..];
            tensors.Add(part.Type == ElementType.String
                ? Tensor.OfStrings(part.Name, part.Shape, Unpack(data.Span))
                : Tensor.Of(part.Name, part.Type, part.Shape, data));
        }

        return tensors;
    }

    private static ReadOnlyMemory<byte> Pack(IReadOnlyList<byte[]> strings)
    {
        var packed = new byte[strings.Sum(text => sizeof(int) + text.Length)];
        var rest = packed.AsSpan();
        foreach (var text in strings)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, text.Length);
            text.CopyTo(rest[sizeof(int)..]);
            rest = rest[(sizeof(int) + text.Length)..];
        }

        return packed;
    }

    private static List<byte[]> Unpack(ReadOnlySpan<byte> packed)
    {
        var strings = new List<byte[]>();
        while (!packed.IsEmpty)
        {
            var length = packed.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(packed);
            if (length < 0 || length > packed.Length - sizeof(int))
            {
                throw new InvalidDataException("A string element is cut.");
            }

            strings.Add(packed.Slice(sizeof(int), length).ToArray());
            packed = packed[(sizeof(int) + length)..];
        }

        return strings;
    }
}
