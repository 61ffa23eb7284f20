using System.Text.Json.Nodes;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests;

/// <summary>The shared collection of model files and what its index says about them.</summary>
internal static class Corpus
{
    public static readonly Lazy<JsonArray> Cases =
        new(() => JsonNode.Parse(File.ReadAllText(SharedFolder.File("models/index.json")))!["cases"]!.AsArray());

    public static IEnumerable<(JsonObject Case, JsonObject File)> Files(Func<string, bool> format, string role) =>
        from entry in Cases.Value.Select(c => c!.AsObject())
        where format((string)entry["format"]!)
        from file in entry["files"]!.AsArray().Select(f => f!.AsObject())
        where (string)file["role"]! == role
        select (entry, file);

    public static string FullPath(string path) => SharedFolder.File("models/" + path);

    /// <summary>Sizes of the files that were delivered with a case.</summary>
    public static long? SizeOf(string path)
    {
        var file = new FileInfo(FullPath(path));
        return file.Exists ? file.Length : null;
    }

    public static async Task<Inspection?> InspectAsync(string path)
    {
        await using var stream = File.OpenRead(FullPath(path));
        return await ModelInspector.InspectAsync(path, stream, SizeOf, InspectionLimits.Default, CancellationToken.None);
    }
}
