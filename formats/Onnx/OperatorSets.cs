using System.Globalization;

namespace ZooPlatform.Formats.Onnx;

/// <summary>Which operators ONNX Runtime's CPU provider can be expected to know.</summary>
internal static class OperatorSets
{
    /// <summary>Newest <c>ai.onnx</c> opset that the runtime we run takes.</summary>
    public const long NewestDefaultOpset = 26;

    /// <summary>Newest IR version it takes.</summary>
    public const long NewestIrVersion = 13;

    // Standard operators without a CPU kernel.
    private static readonly HashSet<string> WithoutKernel = ["ImageDecoder"];

    private static readonly Dictionary<(string Domain, string Name), long> FirstOpset = Load();

    /// <summary>Domains whose operators are listed here; every other needs a library that we do not load.</summary>
    public static bool IsKnownDomain(string domain) => domain is "" or "ai.onnx.ml" or "com.microsoft" or "com.microsoft.nchwc";

    public static bool HasKernel(string domain, string name) => domain.Length > 0 || !WithoutKernel.Contains(name);

    /// <summary>True when <paramref name="opset"/> of <paramref name="domain"/> (empty: the default one) has the operator.</summary>
    public static bool Has(string domain, string name, long opset) => FirstOpset.TryGetValue((domain, name), out var first) && first <= opset;

    private static Dictionary<(string, string), long> Load()
    {
        using var stream = typeof(OperatorSets).Assembly.GetManifestResourceStream("Operators.txt")!;
        using var reader = new StreamReader(stream);
        var operators = new Dictionary<(string, string), long>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            var parts = line.Split(' ');
            operators[(parts[0] == "ai.onnx" ? "" : parts[0], parts[1])] = long.Parse(parts[2], CultureInfo.InvariantCulture);
        }
        return operators;
    }
}
