using ZooPlatform.Formats.Gguf;
using ZooPlatform.Formats.Onnx;
using ZooPlatform.Formats.Safetensors;

namespace ZooPlatform.Formats;

/// <summary>Reads a model file's facts without loading its weights and without running anything of it.</summary>
public static class ModelInspector
{
    /// <summary>Which readers these are. Whoever keeps inspections reads a file again when this has changed: raise it with what readers tell.</summary>
    public const int Version = 2;

    /// <summary>
    /// Inspects one file. What is wrong with the file becomes findings; only the stream's own failures and the token throw.
    /// </summary>
    /// <param name="path">Path in the repository: names the format when the bytes do not, and is where external data is looked for.</param>
    /// <param name="stream">Seekable. Read in pieces of 4 to 64 KiB, forwards after the first and last 64 KiB, weights skipped.</param>
    /// <returns>Null when the file is of no model format.</returns>
    public static async Task<Inspection?> InspectAsync(
        string path, Stream stream, SiblingFiles siblings, InspectionLimits limits, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var head = await SampleAsync(stream, 0, ct);
        var isZip = head.AsSpan().StartsWith("PK"u8);
        var tail = isZip ? await SampleAsync(stream, Math.Max(0, stream.Length - ModelFormats.SampleBytes), ct) : [];
        var format = ModelFormats.Detect(path, head, tail);
        return format switch
        {
            null => null,
            ModelFormats.Onnx => await OnnxInspector.InspectAsync(path, stream, siblings, limits, ct),
            ModelFormats.Safetensors => await SafetensorsInspector.InspectAsync(path, stream, limits, ct),
            ModelFormats.Gguf => await GgufInspector.InspectAsync(path, stream, limits, ct),
            _ => new Inspection
            {
                Path = path,
                Format = format,
                Framework = ModelFormats.FrameworkOf(format),
                Findings = stream.Length > 0
                    ? [new Finding("format.not-read", FindingSeverity.Info, $"The format {format} is recognised; its contents are not read.")]
                    : [new Finding("format.empty-file", FindingSeverity.Error, "The file has no bytes.")],
            },
        };
    }

    private static async Task<byte[]> SampleAsync(Stream stream, long from, CancellationToken ct)
    {
        var sample = new byte[(int)Math.Min(ModelFormats.SampleBytes, stream.Length - from)];
        stream.Position = from;
        var read = await stream.ReadAtLeastAsync(sample, sample.Length, throwOnEndOfStream: false, ct);
        return sample[..read];
    }
}
