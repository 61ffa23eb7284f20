using System.Globalization;

namespace ZooPlatform.Formats.Gguf;

/// <summary>Reads a GGUF header: key-values, then the list of tensors. Long token lists are stepped over.</summary>
internal static class GgufInspector
{
    public static async Task<Inspection> InspectAsync(string path, Stream stream, InspectionLimits limits, CancellationToken ct)
    {
        var findings = new FindingList();
        var header = new GgufHeader(new GgufReader(stream, limits, ct), limits);
        try
        {
            await header.ReadAsync();
        }
        catch (InvalidDataException e)
        {
            findings.Error("gguf.not-parsable", e.Message);
        }
        if (header.Metadata.ContainsKey("tokenizer.chat_template"))
        {
            findings.Info("gguf.chat-template", "The file carries a chat template, a program for Jinja: it is shown as text and never run.");
        }
        return new Inspection
        {
            Path = path,
            Format = ModelFormats.Gguf,
            Framework = ModelFormats.FrameworkOf(ModelFormats.Gguf),
            Producer = header.Metadata.GetValueOrDefault("general.quantized_by"),
            ParameterCount = header.Elements,
            WeightBytes = header.Bytes,
            Quantisation = header.BlockTypes.Count > 0 ? new QuantisationFacts("block", header.BlockTypes.Order(StringComparer.Ordinal).ToList(), false) : null,
            Metadata = header.Metadata.Append(KeyValuePair.Create("gguf.version", header.Version.ToString(CultureInfo.InvariantCulture)))
                .ToDictionary(p => p.Key, p => p.Value),
            Findings = findings.ToList(),
        };
    }
}
