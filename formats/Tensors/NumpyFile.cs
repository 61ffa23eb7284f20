using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace ZooPlatform.Formats.Tensors;

/// <summary>Reads NumPy's <c>.npy</c>: magic, version, a header of Python literals, row-major little-endian data. Objects (pickles) are refused.</summary>
public static partial class NumpyFile
{
    /// <exception cref="InvalidDataException">No .npy, a type or an order that is not read, or cut off.</exception>
    public static Tensor Read(string name, ReadOnlyMemory<byte> file)
    {
        var bytes = file.Span;
        if (bytes.Length < 12 || bytes[0] != 0x93 || !bytes[1..6].SequenceEqual("NUMPY"u8)) throw new InvalidDataException("The file is no .npy.");
        var start = bytes[6] == 1 ? 10 : 12;
        long length = bytes[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (length > bytes.Length - start) throw new InvalidDataException($"The header claims {length} bytes and {bytes.Length - start} are left.");
        var header = Encoding.Latin1.GetString(bytes.Slice(start, (int)length));

        var description = Description().Match(header);
        var shape = Shape().Match(header);
        if (!description.Success || !shape.Success) throw new InvalidDataException("The header does not name a type and a shape.");
        if (FortranOrder().IsMatch(header)) throw new InvalidDataException("The array is in column order; save it with numpy.ascontiguousarray.");
        var dims = shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(dim => long.TryParse(dim, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number : throw new InvalidDataException("A dimension in the header is no whole number."));
        return Tensor.Of(name, TypeOf(description.Groups[1].Value), dims, file[(start + (int)length)..]);
    }

    private static ElementType TypeOf(string description) => description switch
    {
        "<f4" => ElementType.Float32,
        "<f8" => ElementType.Double,
        "<f2" => ElementType.Float16,
        "<i8" => ElementType.Int64,
        "<i4" => ElementType.Int32,
        "<i2" => ElementType.Int16,
        "|i1" => ElementType.Int8,
        "<u8" => ElementType.UInt64,
        "<u4" => ElementType.UInt32,
        "<u2" => ElementType.UInt16,
        "|u1" => ElementType.UInt8,
        "|b1" => ElementType.Bool,
        _ => throw new InvalidDataException($"Arrays of type {UntrustedText.Quote(description)} are not read."),
    };

    [GeneratedRegex(@"'descr'\s*:\s*'([^']{1,16})'")]
    private static partial Regex Description();

    [GeneratedRegex(@"'shape'\s*:\s*\(([^)]{0,400})\)")]
    private static partial Regex Shape();

    [GeneratedRegex(@"'fortran_order'\s*:\s*True")]
    private static partial Regex FortranOrder();
}
