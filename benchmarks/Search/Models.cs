using System.Text.Json;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;

namespace ZooPlatform.Measure.Search;

/// <summary>Models to be found: real ones of the reference material, and made ones.</summary>
internal static class Models
{
    private static readonly string[] s_architectures =
        ["ResNet", "MobileNet", "EfficientNet", "DenseNet", "YOLO", "SSD", "BERT", "DistilBERT", "Whisper", "Wav2Vec", "UNet", "DeepLab", "ViT", "Swin",
         "ConvNeXt", "Inception", "SqueezeNet", "ShuffleNet", "Xception", "RetinaNet", "FasterRCNN", "MaskRCNN", "CenterNet", "HRNet", "OpenPose", "GPT",
         "Llama", "Mistral", "Falcon", "T5", "Pegasus", "Tacotron", "HiFiGAN", "CycleGAN", "StyleGAN", "NeRF", "PointNet", "SlowFast", "CRNN", "DBNet"];

    private static readonly string[] s_sizes = ["18", "34", "50", "101", "152", "_v1", "_v2", "_v3", "-tiny", "-small", "-base", "-large", "-xl", "5s", "8n", "10m"];
    private static readonly string[] s_datasets =
        ["imagenet", "coco", "voc", "cityscapes", "kinetics400", "squad", "sst2", "mnli", "librispeech", "aishell", "widerface", "ade20k", "openimages", "kitti"];

    private static readonly string[] s_forms = ["fp32", "fp16", "int8", "quant", "pruned50", "pruned90", "qdq", "distilled", "sparse", "opset17"];
    private static readonly string[] s_tasks = ["image-classification", "object-detection", "segmentation", "question-answering", "speech", "translation", "pose"];
    private static readonly string[] s_frameworks = ["pytorch", "tensorflow", "paddle", "mxnet", "keras"];
    private static readonly string[] s_licenses = ["mit", "apache-2.0", "bsd-3-clause", "cc-by-4.0"];
    private static readonly string[] s_words =
        ["model", "trained", "images", "network", "accuracy", "layers", "dataset", "inference", "weights", "input", "output", "precision", "batch", "edge",
         "mobile", "server", "latency", "quantisation", "training", "detection", "features", "attention", "convolution", "residual", "tokens", "speech"];

    /// <summary>Names a family of models might bear, no two alike; texts of some 600 characters.</summary>
    public static IEnumerable<ModelState> Made(int count, int seed)
    {
        var random = new Random(seed);
        string Any(string[] of) => of[random.Next(of.Length)];
        for (var i = 0; i < count; i++)
        {
            var name = $"{Any(s_architectures)}{Any(s_sizes)}-{Any(s_datasets)}-{Any(s_forms)}-{i}";
            yield return Model($"made-{i % 200}", name.ToLowerInvariant(), name) with
            {
                Summary = string.Join(' ', Enumerable.Range(0, 10).Select(_ => Any(s_words))),
                Text = string.Join(' ', Enumerable.Range(0, 80).Select(_ => Any(s_words))),
                Task = Any(s_tasks), Domain = "cv", Frameworks = [Any(s_frameworks)], Formats = ["onnx"], License = Any(s_licenses), Tags = [Any(s_words), Any(s_datasets)],
            };
        }
    }

    /// <summary>A line of <c>documents.jsonl</c>; all are public here.</summary>
    public static ModelState Real(JsonElement document)
    {
        string? Text(string field) => document.GetProperty(field).GetString() is { Length: > 0 } text ? text : null;
        string[] All(string field) => [.. document.GetProperty(field).EnumerateArray().Select(item => item.GetString()!)];
        return Model(Text("owner")!, Text("name")!, Text("title")!) with
        {
            Summary = Text("summary"), Text = Text("text"), Task = All("tasks").FirstOrDefault(), Domain = Text("domain"),
            Frameworks = Text("framework") is { } framework ? [framework.ToLowerInvariant()] : [], Formats = All("formats"), License = Text("licence"), Tags = All("tags"),
        };
    }

    private static ModelState Model(string owner, string name, string title)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new ModelState(
            Guid.CreateVersion7(), owner, name, Visibility.Public, ["public"], new string('a', 40), title, null, null, null, null, null, [], [], null, [],
            null, 1_000_000, null, [], now, now);
    }
}
