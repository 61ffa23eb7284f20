using System.Buffers.Binary;
using System.Text.Json;

namespace ZooPlatform.Formats.Safetensors;

/// <summary>Reads a safetensors header: u64 length, JSON, then the tensors' bytes without a gap.</summary>
internal static class SafetensorsInspector
{
    /// <summary>The library's own limit is 100,000,000; ours keeps memory small. 100,000 tensors fit.</summary>
    private const int MaxHeaderBytes = 16 << 20;

    public static async Task<Inspection> InspectAsync(string path, Stream stream, InspectionLimits limits, CancellationToken ct)
    {
        var findings = new FindingList();
        var tensors = new SafetensorsHeader();
        try
        {
            var header = await ReadHeaderAsync(stream, ct);
            tensors.Read(header, limits);
            tensors.CheckOffsets(stream.Length - 8 - header.Length);
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            findings.Error("safetensors.not-parsable", e is JsonException ? "The header is no JSON as the format asks for." : e.Message);
        }
        return new Inspection
        {
            Path = path,
            Format = ModelFormats.Safetensors,
            Framework = tensors.Metadata.GetValueOrDefault("format") switch { "pt" => "pytorch", "tf" => "tensorflow", "flax" => "jax", "mlx" => "mlx", _ => null },
            ParameterCount = tensors.Elements,
            WeightBytes = tensors.Bytes,
            Metadata = tensors.Metadata,
            Findings = findings.ToList(),
        };
    }

    private static async Task<byte[]> ReadHeaderAsync(Stream stream, CancellationToken ct)
    {
        var prefix = new byte[8];
        stream.Position = 0;
        if (await stream.ReadAtLeastAsync(prefix, 8, throwOnEndOfStream: false, ct) < 8) throw new InvalidDataException("The file ends before its header.");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > (ulong)(stream.Length - 8)) throw new InvalidDataException($"The header claims {length} bytes and {stream.Length - 8} are left.");
        if (length > MaxHeaderBytes) throw new InvalidDataException($"The header has {length} bytes; up to {MaxHeaderBytes} are read.");
        var header = new byte[length];
        await stream.ReadExactlyAsync(header, ct);
        return header;
    }
}
