using System.Text;
using ZooPlatform.Formats.Tests;

namespace ZooPlatform.Catalog.Tests;

/// <summary>Files of kits, made small.</summary>
internal static class Kit
{
    public const string Stub = "cv/classification/resnet_v1-50/pytorch/acme/imagenet/pruned95_quant-none";

    /// <summary>README.md with this front matter.</summary>
    public static (string, byte[]) Card(string frontMatter, string body = "# A Fine Model\n\nIt tells **digits** apart.\n\nMore about it.") =>
        ("README.md", Encoding.UTF8.GetBytes($"---\n{frontMatter}\n---\n{body}\n"));

    public static (string, byte[]) CardWithStub(string stub) => Card($"zoo:\n  stub: {stub}");

    /// <summary>An ONNX model that runs: y = Relu(x).</summary>
    public static (string, byte[]) Onnx(string path = "model.onnx") => (path, Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y"))));

    /// <summary>One whose weights lie in another file of the kit.</summary>
    public static (string, byte[]) OnnxWithExternalData(string path, string location) =>
        (path, Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y")).Message(5, Wire.External("w", [2], ("location", location), ("length", "8")))));

    /// <summary>One with this many bytes of weights inside.</summary>
    public static (string, byte[]) OnnxWithWeights(int bytes) =>
        ("model.onnx", Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y")).Message(5, Wire.Tensor("w", 1, [bytes / 4]).Data(9, new byte[bytes]))));

    /// <summary>One with a row of these weights.</summary>
    public static (string, byte[]) OnnxWithValues(params float[] values) =>
        ("model.onnx", Wire.Model(Wire.Graph(Wire.Node("Relu", "x", "y")).Message(5, Wire.Tensor("w", 1, [1, values.Length]).Data(9, [.. values.SelectMany(BitConverter.GetBytes)]))));

    /// <summary>A card that names a base.</summary>
    public static (string, byte[]) DerivedFrom(string @base, string relation) => Card($"base_model: {@base}\nzoo:\n  relation: {relation}");

    /// <summary>A zip with one array.</summary>
    public static byte[] Npz { get; } = MakeNpz();

    public static (string, byte[]) File(string path, string text) => (path, Encoding.UTF8.GetBytes(text));

    private static byte[] MakeNpz()
    {
        using var bytes = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(bytes, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("x.npy").Open();
            entry.Write([0x93, .. "NUMPY"u8, 1, 0]);
        }
        return bytes.ToArray();
    }

    public static string Name() => $"m-{Guid.CreateVersion7():N}"[..30];
}
