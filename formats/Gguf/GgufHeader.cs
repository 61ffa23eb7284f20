using System.Buffers.Binary;
using System.Globalization;

namespace ZooPlatform.Formats.Gguf;

/// <summary>What stands before a GGUF file's tensor data.</summary>
internal sealed class GgufHeader(GgufReader reader, InspectionLimits limits)
{
    private const int MaxArrayDepth = 4;
    private ulong _items;

    public uint Version { get; private set; }
    public Dictionary<string, string> Metadata { get; } = [];
    public HashSet<string> BlockTypes { get; } = [];
    public long Elements { get; private set; }
    public long Bytes { get; private set; }

    /// <exception cref="InvalidDataException">Not GGUF 2 or 3 in little-endian, a claim past the end, or past a limit.</exception>
    public async Task ReadAsync()
    {
        await reader.ReadUInt32Async(); // the magic, which detection has seen
        Version = await reader.ReadUInt32Async();
        if (Version is < 2 or > 3) throw new InvalidDataException($"GGUF version {Version}; 2 and 3 are read, in little-endian.");
        var tensors = await reader.ReadUInt64Async();
        var pairs = await reader.ReadUInt64Async();
        for (ulong i = 0; i < pairs; i++)
        {
            Count();
            var key = await reader.ReadTextAsync();
            var type = await reader.ReadUInt32Async();
            if (await ReadValueAsync(type, 0) is { } value) Metadata[key] = value;
        }
        var (lastEnd, alignment) = (0L, Alignment());
        for (ulong i = 0; i < tensors; i++) lastEnd = Math.Max(lastEnd, await ReadTensorAsync(alignment));
        if (tensors == 0) return;
        var dataStart = (reader.Position + alignment - 1) / alignment * alignment;
        if (lastEnd > reader.Length - dataStart) throw new InvalidDataException($"The tensors take {lastEnd} bytes from {dataStart} on and the file has {reader.Length}.");
    }

    private long Alignment()
    {
        var text = Metadata.GetValueOrDefault("general.alignment", "32");
        return uint.TryParse(text, CultureInfo.InvariantCulture, out var alignment) && alignment is > 0 and <= 1 << 20 && alignment % 8 == 0
            ? alignment : throw new InvalidDataException($"general.alignment is {UntrustedText.Quote(text)}; it must be a multiple of 8 up to 1 MiB.");
    }

    private async ValueTask<long> ReadTensorAsync(long alignment)
    {
        Count();
        var name = UntrustedText.Quote(await reader.ReadTextAsync());
        var rank = await reader.ReadUInt32Async();
        if (rank > 4) throw new InvalidDataException($"Tensor {name} has {rank} dimensions; up to 4 are defined.");
        var dims = new List<long>();
        for (var i = 0; i < rank; i++) dims.Add((long)await reader.ReadUInt64Async());
        var type = await reader.ReadUInt32Async();
        var offset = await reader.ReadUInt64Async();

        var elements = Onnx.TensorSizes.Product(dims) ?? throw new InvalidDataException($"Tensor {name} has more elements than can be counted.");
        if (GgufTypes.Find(type) is not { } known) throw new InvalidDataException($"Tensor {name} has type {type}, which is not known.");
        if (elements % known.BlockElements != 0) throw new InvalidDataException($"Tensor {name}: {elements} elements do not fill blocks of {known.BlockElements}.");
        var bytes = (Int128)(elements / known.BlockElements) * known.BlockBytes;
        if (offset > long.MaxValue || offset % (ulong)alignment != 0 || bytes + offset > long.MaxValue) throw new InvalidDataException($"Tensor {name} begins at {offset}, which is no place for it.");
        if (known.BlockElements > 1) BlockTypes.Add(known.Name);
        Elements += elements;
        Bytes += (long)bytes;
        return (long)(bytes + offset);
    }

    // Null: a list, which is stepped over.
    private async ValueTask<string?> ReadValueAsync(uint type, int depth)
    {
        switch (type)
        {
            case 8: return await reader.ReadTextAsync();
            case 9:
                await SkipArrayAsync(depth);
                return null;
        }
        var bytes = (await reader.TakeAsync(Width(type))).Span;
        IFormattable number = type switch
        {
            0 => bytes[0],
            1 => (sbyte)bytes[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            3 => BinaryPrimitives.ReadInt16LittleEndian(bytes),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            5 => BinaryPrimitives.ReadInt32LittleEndian(bytes),
            6 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            10 => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            11 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            12 => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            _ => bytes[0],
        };
        return type == 7 ? (bytes[0] == 0 ? "false" : "true") : number.ToString(null, CultureInfo.InvariantCulture);
    }

    private async ValueTask SkipArrayAsync(int depth)
    {
        if (depth >= MaxArrayDepth) throw new InvalidDataException($"Lists are nested deeper than {MaxArrayDepth}.");
        var type = await reader.ReadUInt32Async();
        var count = await reader.ReadUInt64Async();
        if (type is not (8 or 9))
        {
            reader.Skip(count, Width(type));
            return;
        }
        for (ulong i = 0; i < count; i++)
        {
            Count();
            if (type == 9) await SkipArrayAsync(depth + 1);
            else reader.Skip(await reader.ReadUInt64Async(), 1);
        }
    }

    private void Count()
    {
        if (++_items > (ulong)limits.MaxParts) throw new InvalidDataException($"More than {limits.MaxParts} entries.");
    }

    private static int Width(uint type) => type switch
    {
        0 or 1 or 7 => 1,
        2 or 3 => 2,
        4 or 5 or 6 => 4,
        10 or 11 or 12 => 8,
        _ => throw new InvalidDataException($"A value has type {type}, which is not defined."),
    };
}
