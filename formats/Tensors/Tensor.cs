using System.Text;

namespace ZooPlatform.Formats.Tensors;

/// <summary>
/// A dense tensor in memory: row-major, little-endian, types below 8 bits packed (low bits first).
/// An instance is always whole: the data have the length that type and shape ask for.
/// </summary>
public sealed class Tensor
{
    private Tensor(string name, ElementType type, long[] shape, ReadOnlyMemory<byte> data, IReadOnlyList<byte[]> strings)
    {
        (Name, Type, Shape, Data, Strings) = (name, type, shape, data, strings);
        Length = Elements(shape);
    }

    public string Name { get; }

    public ElementType Type { get; }

    /// <summary>Empty: a scalar.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>The elements' bytes; empty for <see cref="ElementType.String"/>.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The elements of a <see cref="ElementType.String"/> tensor: any bytes, usually UTF-8. Else empty.</summary>
    public IReadOnlyList<byte[]> Strings { get; }

    /// <exception cref="InvalidDataException">Type, shape and number of bytes do not fit together.</exception>
    public static Tensor Of(string name, ElementType type, IEnumerable<long> shape, ReadOnlyMemory<byte> data)
    {
        var dims = shape.ToArray();
        if (type.Bits() == 0) throw new InvalidDataException($"Tensor '{name}': {type.Name()} has no fixed size.");
        var wanted = ByteCount(type, Elements(dims));
        return data.Length == wanted
            ? new Tensor(name, type, dims, data, [])
            : throw new InvalidDataException($"Tensor '{name}': {type.Name()}[{string.Join(',', dims)}] needs {wanted} bytes and has {data.Length}.");
    }

    /// <exception cref="InvalidDataException">Shape and number of strings do not fit together.</exception>
    public static Tensor OfStrings(string name, IEnumerable<long> shape, IReadOnlyList<byte[]> strings)
    {
        var dims = shape.ToArray();
        return strings.Count == Elements(dims)
            ? new Tensor(name, ElementType.String, dims, default, strings)
            : throw new InvalidDataException($"Tensor '{name}': string[{string.Join(',', dims)}] needs {Elements(dims)} elements and has {strings.Count}.");
    }

    /// <summary>From bytes as <see cref="OpenInferenceData"/> lays them out.</summary>
    /// <exception cref="InvalidDataException">Type, shape and bytes do not fit together.</exception>
    public static Tensor OfWire(string name, ElementType type, long[] shape, ReadOnlyMemory<byte> bytes)
    {
        if (type != ElementType.String) return Of(name, type, shape, bytes);
        var strings = new List<byte[]>();
        for (var rest = bytes.Span; !rest.IsEmpty;) strings.Add(OpenInferenceData.Next(name, ref rest).ToArray());
        return OfStrings(name, shape, strings);
    }

    /// <summary>The elements as <see cref="OpenInferenceData"/> lays them out; a copy for strings alone.</summary>
    public ReadOnlyMemory<byte> WireBytes
    {
        get
        {
            if (Type != ElementType.String) return Data;
            var bytes = new byte[Strings.Sum(text => sizeof(int) + text.Length)];
            var used = 0;
            foreach (var text in Strings) used += OpenInferenceData.Put(bytes.AsSpan(used), text);
            return bytes;
        }
    }

    /// <summary>Strings as UTF-8.</summary>
    public static Tensor OfStrings(string name, IEnumerable<long> shape, IEnumerable<string> strings) =>
        OfStrings(name, shape, strings.Select(Encoding.UTF8.GetBytes).ToList());

    /// <summary>The same elements under another name.</summary>
    public Tensor Named(string name) => new(name, Type, Shape.ToArray(), Data, Strings);

    public override string ToString() => $"{Name}: {Type.Name()}[{string.Join(',', Shape)}]";

    /// <summary>Product of the dimensions.</summary>
    /// <exception cref="InvalidDataException">A dimension is negative, or the product is past 2^63.</exception>
    public static long Elements(IReadOnlyList<long> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        try
        {
            var product = 1L;
            for (var i = 0; i < shape.Count; i++) product = shape[i] >= 0 ? checked(product * shape[i]) : throw new InvalidDataException($"A dimension is {shape[i]}.");
            return product;
        }
        catch (OverflowException)
        {
            throw new InvalidDataException($"The shape [{string.Join(',', shape)}] has more elements than can be counted.");
        }
    }

    /// <summary>Bytes that so many elements take, packed.</summary>
    /// <exception cref="InvalidDataException">The size is past 2^63.</exception>
    internal static long ByteCount(ElementType type, long elements)
    {
        var bytes = (((Int128)elements * type.Bits()) + 7) / 8;
        return bytes <= long.MaxValue ? (long)bytes : throw new InvalidDataException($"{elements} elements of {type.Name()} are too many.");
    }
}
