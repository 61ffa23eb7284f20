using ZooPlatform.Formats.Tests;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Benchmark.Tests;

/// <summary>Files of repositories, good and hostile.</summary>
internal static class Kits
{
    private const int Int = 2, Graph = 5;
    private const int Float32 = 1, Int64 = 7, Bool = 9;

    /// <summary>A trained classifier of 8x8 images with three sample sets, from samples/.</summary>
    public static Dictionary<string, byte[]> Digits { get; } = Read(Path.Combine(SharedFolder.Repository, "samples", "digits-cnn"),
        file => file == "model.onnx" || file.StartsWith("test_data_set_", StringComparison.Ordinal));

    /// <summary>A loop that never ends (threats.md O4): x goes round 2^62 times.</summary>
    public static Dictionary<string, byte[]> Endless { get; } = new()
    {
        ["model.onnx"] = Wire.Model(FreeGraph(
            [
                new Wire().Text(1, "trips").Text(1, "go").Text(1, "x").Text(2, "y").Text(4, "Loop").Message(5, new Wire().Text(1, "body").Int(20, Graph).Message(6,
                    new Wire().Text(2, "body")
                        .Message(11, Value("i", Int64)).Message(11, Value("go_in", Bool)).Message(11, Value("v_in", Float32, "n"))
                        .Message(12, Value("go_out", Bool)).Message(12, Value("v_out", Float32, "n"))
                        .Message(1, Wire.Node("Identity", "go_in", "go_out")).Message(1, Wire.Node("Sin", "v_in", "v_out")))),
            ])
            .Message(5, Wire.Tensor("trips", Int64, []).Data(9, BitConverter.GetBytes(1L << 62)))
            .Message(5, Wire.Tensor("go", Bool, []).Data(9, [1]))),
    };

    /// <summary>y is x, floats in one dimension of any length.</summary>
    public static Dictionary<string, byte[]> Echo { get; } = new() { ["model.onnx"] = Wire.Model(FreeGraph([Wire.Node("Identity", "x", "y")])) };

    /// <summary>Thirty times twice as much (threats.md O5): 300 bytes that ask for 4 GiB.</summary>
    public static Dictionary<string, byte[]> Greedy { get; } = new()
    {
        ["model.onnx"] = Wire.Model(FreeGraph([.. Enumerable.Range(0, 30).Select(i =>
            new Wire().Text(1, i == 0 ? "x" : $"t{i}").Text(1, i == 0 ? "x" : $"t{i}").Text(2, i == 29 ? "y" : $"t{i + 1}").Text(4, "Concat")
                .Message(5, new Wire().Text(1, "axis").Int(20, Int).Int(3, 0)))])),
    };

    /// <summary>The files of a folder, by path with '/'.</summary>
    public static Dictionary<string, byte[]> Read(string folder, Func<string, bool>? wanted = null) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(file => (Path: Path.GetRelativePath(folder, file).Replace('\\', '/'), File: file))
            .Where(file => wanted?.Invoke(file.Path) ?? true)
            .ToDictionary(file => file.Path, file => File.ReadAllBytes(file.File));

    private static Wire FreeGraph(Wire[] nodes)
    {
        var graph = new Wire().Text(2, "g").Message(11, Value("x", Float32, "n")).Message(12, Value("y", Float32, "m"));
        foreach (var node in nodes)
        {
            graph.Message(1, node);
        }

        return graph;
    }

    private static Wire Value(string name, int type, string? dimension = null)
    {
        var shape = dimension is null ? new Wire() : new Wire().Message(1, new Wire().Text(2, dimension));
        return new Wire().Text(1, name).Message(2, new Wire().Message(1, new Wire().Int(1, type).Message(2, shape)));
    }
}
