using System.Globalization;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Formats;

namespace ZooPlatform.Cli.Commands;

/// <summary>An inspection as people read it.</summary>
internal static class ShownInspection
{
    private const int MostOperators = 12;

    public static void Write(TextWriter output, Inspection inspection)
    {
        Show.Line(output, "format", inspection.Format);
        Show.Line(output, "framework", inspection.Framework);
        Show.Line(output, "producer", inspection.Producer);
        foreach (var input in inspection.Inputs)
        {
            Show.Line(output, "input", input.ToString());
        }
        foreach (var result in inspection.Outputs)
        {
            Show.Line(output, "output", result.ToString());
        }
        Show.Line(output, "parameters", inspection.ParameterCount is { } count ? Amounts.Count(count) : null);
        Show.Line(output, "weights", inspection.WeightBytes is { } bytes ? Amounts.Bytes(bytes) : null);
        Show.Line(output, "nodes", inspection.NodeCount?.ToString(CultureInfo.InvariantCulture));
        Show.Line(output, "operators", Operators(inspection.Operators));
        Show.Line(output, "opsets", inspection.Onnx is { } onnx ? string.Join(", ", onnx.OpsetImports.Select(o => $"{o.Key} {o.Value}")) : null);
        Show.Line(output, "quantised", inspection.Quantisation is { } q
            ? $"{q.Scheme}, weights {string.Join(" ", q.WeightTypes)}{(q.PerChannel ? ", per channel" : "")}" : null);
    }

    private static string Operators(IReadOnlyDictionary<string, int> operators)
    {
        var shown = operators.OrderByDescending(o => o.Value).ThenBy(o => o.Key, StringComparer.Ordinal).Take(MostOperators);
        var text = string.Join(", ", shown.Select(o => $"{o.Key} {o.Value}"));
        return operators.Count > MostOperators ? $"{text} and {operators.Count - MostOperators} more kinds" : text;
    }
}
