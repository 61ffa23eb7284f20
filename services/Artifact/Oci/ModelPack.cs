using System.Globalization;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZooPlatform.Artifact.Archives;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.Oci;

/// <summary>A revision as the CNCF model-spec's artifact: one raw layer a file, so a layer is the file's blob. Nothing in it but what
/// the revision itself says, so that the same revision gives the same bytes.</summary>
internal static class ModelPack
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,   // nobody reads it as HTML, and '+json' stays readable
    };

    private static readonly string[] s_code = ["py", "ipynb", "sh", "js", "ts", "c", "cc", "cpp", "h", "hpp", "cs", "java", "go", "rs", "r", "lua", "cu", "proto"];
    private static readonly string[] s_data = ["parquet", "arrow", "csv", "tsv", "jsonl", "npy", "npz", "wav", "flac", "mp3", "mp4"];
    private static readonly string[] s_doc = ["md", "txt", "rst", "html", "pdf", "png", "jpg", "jpeg", "gif", "webp", "svg"];
    private static readonly string[] s_config = ["json", "yaml", "yml", "toml", "xml", "ini", "cfg", "config", "jinja", "prototxt"];

    /// <summary>Formats as the model-spec names them, by extension.</summary>
    private static readonly Dictionary<string, string> s_formats = new(StringComparer.Ordinal)
    {
        ["onnx"] = "onnx", ["safetensors"] = "safetensors", ["gguf"] = "gguf", ["pt"] = "pytorch", ["pth"] = "pytorch", ["h5"] = "keras", ["keras"] = "keras",
        ["tflite"] = "tflite", ["pb"] = "tensorflow",
    };

    /// <param name="files">By path.</param>
    public static (OciDocument Config, OciDocument Manifest) Of(Revision revision, IReadOnlyList<KitFile> files)
    {
        var at = Time(revision);
        var config = Document(revision, OciDocumentKind.Config, new
        {
            descriptor = new { createdAt = at, authors = new[] { revision.Author }, revision = revision.Id },
            modelfs = new { type = "layers", diffIds = files.Select(file => OciDigest.Prefix + file.Hash.Value) },
            config = new { format = files.OrderByDescending(file => file.SizeBytes).Select(FormatOf).FirstOrDefault(format => format is not null) },
        });
        var manifest = Document(revision, OciDocumentKind.Manifest, new
        {
            schemaVersion = 2,
            mediaType = OciMediaTypes.Manifest,
            artifactType = OciMediaTypes.Artifact,
            config = new Dictionary<string, object> { ["mediaType"] = OciMediaTypes.Config, ["digest"] = config.Digest, ["size"] = config.Content.Length },
            layers = files.Select(file => new
            {
                mediaType = $"application/vnd.cncf.model.{KindOf(file)}.v1.raw",
                digest = OciDigest.Prefix + file.Hash.Value,
                size = file.SizeBytes,
                annotations = new Dictionary<string, string>
                {
                    ["org.cncf.model.filepath"] = file.Path,
                    ["org.cncf.model.file.metadata+json"] = JsonSerializer.Serialize(new
                    {
                        name = file.Path, mode = file.Executable ? 0b111_101_101 : 0b110_100_100, uid = 0, gid = 0, size = file.SizeBytes, mtime = at, typeflag = (int)'0',
                    }, s_json),
                },
            }),
            annotations = new Dictionary<string, string> { ["org.opencontainers.image.created"] = at, ["org.opencontainers.image.revision"] = revision.Id },
        });
        return (config, manifest);
    }

    private static OciDocument Document(Revision revision, OciDocumentKind kind, object content)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(content, s_json);
        return new OciDocument
        {
            RepositoryId = revision.RepositoryId, Revision = revision.Id, Kind = kind, Content = bytes, Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)),
        };
    }

    private static string KindOf(KitFile file)
    {
        var extension = Extension(file);
        var name = file.Path[(file.Path.LastIndexOf('/') + 1)..];
        if (s_code.Contains(extension)) return "code";
        if (s_data.Contains(extension)) return "dataset";
        if (s_doc.Contains(extension) || name.StartsWith("LICENSE", StringComparison.OrdinalIgnoreCase)) return "doc";
        return s_config.Contains(extension) || name.StartsWith('.') ? "weight.config" : "weight";
    }

    private static string? FormatOf(KitFile file) => s_formats.GetValueOrDefault(Extension(file));

    private static string Extension(KitFile file) => Path.GetExtension(file.Path).TrimStart('.').ToLowerInvariant();

    private static string Time(Revision revision) => revision.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
