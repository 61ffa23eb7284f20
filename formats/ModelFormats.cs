namespace ZooPlatform.Formats;

/// <summary>The names of file formats, as they stand in inspections, the API and search facets.</summary>
public static partial class ModelFormats
{
    public const string Archive = "archive";
    public const string Caffe = "caffe";
    public const string CatBoost = "catboost";
    public const string ChatTemplate = "chat_template";
    public const string CoreMl = "coreml";
    public const string Dlc = "dlc";
    public const string GgmlLegacy = "ggml_legacy";
    public const string Gguf = "gguf";
    public const string KerasH5 = "keras_h5";
    public const string KerasV3 = "keras_v3";
    public const string LightGbm = "lightgbm";
    public const string Mar = "mar";
    public const string MlNet = "mlnet";
    public const string Mnn = "mnn";
    public const string MxNet = "mxnet";
    public const string Ncnn = "ncnn";
    public const string Nnef = "nnef";
    public const string NumPy = "numpy";
    public const string Onnx = "onnx";
    public const string OpenVinoBlob = "openvino_blob";
    public const string OpenVinoIr = "openvino_ir";
    public const string Ort = "ort";
    public const string Paddle = "paddle";
    public const string Pickle = "pickle";
    public const string Pmml = "pmml";
    public const string PyTorch = "pytorch";
    public const string Rknn = "rknn";
    public const string Safetensors = "safetensors";
    public const string ScikitLearn = "sklearn";
    public const string TensorRt = "tensorrt";
    public const string TensorFlowFrozen = "tf_frozen";
    public const string TensorFlowSavedModel = "tf_saved_model";
    public const string TensorFlowJs = "tfjs";
    public const string TfLite = "tflite";
    public const string TorchScript = "torchscript";
    public const string Uff = "uff";
    public const string XGBoost = "xgboost";

    /// <summary>How many bytes of a file's head, and of its tail, <see cref="Detect"/> makes good use of.</summary>
    public const int SampleBytes = 64 << 10;

    /// <summary>
    /// Names the format of a file, or null when it is none of ours. What the bytes say goes before what the name says.
    /// </summary>
    /// <param name="path">Path in the repository; only its last part counts.</param>
    /// <param name="head">The file's first bytes, up to <see cref="SampleBytes"/>.</param>
    /// <param name="tail">Its last bytes (a zip's directory is there); empty is allowed and tells zips less well apart.</param>
    public static string? Detect(string path, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        var name = path[(path.LastIndexOf('/') + 1)..].ToLowerInvariant();
        return BySignature(name, head, tail) ?? (head.IsEmpty || !IsForeign(head) ? ByName(name) : null);
    }

    /// <summary>The framework whose own format this is; null for a format that many write.</summary>
    public static string? FrameworkOf(string format) => format switch
    {
        PyTorch or TorchScript or Mar => "pytorch",
        TensorFlowFrozen or TensorFlowSavedModel or TensorFlowJs or TfLite => "tensorflow",
        KerasH5 or KerasV3 => "keras",
        ScikitLearn => "scikit-learn",
        Gguf or GgmlLegacy => "ggml",
        OpenVinoIr or OpenVinoBlob => "openvino",
        TensorRt or Uff => "tensorrt",
        Caffe or CatBoost or CoreMl or LightGbm or MlNet or Mnn or MxNet or Ncnn or Paddle or Rknn or XGBoost => format,
        _ => null,
    };

    // A file that starts like a picture or a Git LFS pointer is no model, whatever its name says.
    private static bool IsForeign(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4e, 0x47]) || head.StartsWith("version https://git-lfs"u8);
}
