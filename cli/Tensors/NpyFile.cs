using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Cli.Tensors;

/// <summary>NumPy's <c>.npy</c> files, formats 1 to 3: one array, little-endian or of single bytes, row-major.</summary>
internal static partial class NpyFile
{
    private static readonly (string Descr, ElementType Type)[] Types =
    [
        ("|b1", ElementType.Bool), ("|u1", ElementType.UInt8), ("|i1", ElementType.Int8),
        ("<u2", ElementType.UInt16), ("<i2", ElementType.Int16), ("<u4", ElementType.UInt32), ("<i4", ElementType.Int32),
        ("<u8", ElementType.UInt64), ("<i8", ElementType.Int64),
        ("<f2", ElementType.Float16), ("<f4", ElementType.Float32), ("<f8", ElementType.Double),
    ];

    /// <exception cref="InvalidDataException">No .npy file, or an array of another kind.</exception>
    public static Tensor Read(string name, ReadOnlyMemory<byte> file)
    {
        // Magic, version, length of the header (two bytes in format 1, else four), header, data.
        var bytes = file.Span;
        if (bytes.Length < 12 || bytes[0] != 0x93 || !bytes[1..].StartsWith("NUMPY"u8))
        {
            throw new InvalidDataException("no .npy file");
        }
        var wide = bytes[6] > 1;
        var start = wide ? 12 : 10;
        var length = wide ? BitConverter.ToInt32(bytes[8..12]) : BitConverter.ToUInt16(bytes[8..10]);
        if (length < 0 || start + length > bytes.Length)
        {
            throw new InvalidDataException("the .npy file is cut off");
        }
        var header = Header().Match(Encoding.UTF8.GetString(bytes.Slice(start, length)));
        if (!header.Success)
        {
            throw new InvalidDataException("the .npy file's header cannot be read");
        }
        if (header.Groups["fortran"].Value == "True")
        {
            throw new InvalidDataException("the array is column-major; save numpy.ascontiguousarray(x)");
        }
        var descr = header.Groups["descr"].Value;
        var type = Types.FirstOrDefault(t => t.Descr == descr).Type;
        if (type == ElementType.Undefined)
        {
            throw new InvalidDataException($"arrays of {descr} cannot be sent");
        }
        var shape = header.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(d => long.Parse(d, CultureInfo.InvariantCulture));
        return Tensor.Of(name, type, shape, file[(start + length)..]);
    }

    /// <exception cref="InvalidDataException">NumPy has no such element type.</exception>
    public static byte[] Write(Tensor tensor)
    {
        var descr = Types.FirstOrDefault(t => t.Type == tensor.Type).Descr
            ?? throw new InvalidDataException($"{tensor.Name}: {tensor.Type.Name()} cannot be kept as .npy");
        var shape = tensor.Shape.Count == 1 ? $"{tensor.Shape[0]}," : string.Join(", ", tensor.Shape);
        var header = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}";
        // The data begins at a multiple of 64; the header ends with a line feed.
        header = header.PadRight(((10 + header.Length + 1 + 63) / 64 * 64) - 10 - 1) + "\n";
        return
        [
            0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header), .. tensor.Data.Span,
        ];
    }

    [GeneratedRegex(@"'descr':\s*'(?<descr>[^']+)'.*'fortran_order':\s*(?<fortran>True|False).*'shape':\s*\((?<shape>[0-9, ]*)\)")]
    private static partial Regex Header();
}
