namespace ZooPlatform.Formats.Onnx;

/// <summary>Which framework a model came from, told by the program that wrote the file.</summary>
internal static class OnnxProducers
{
    private static readonly (string Start, string Framework)[] Known =
    [
        ("pytorch", "pytorch"), ("torch", "pytorch"), ("caffe2", "caffe2"), ("onnx-caffe2", "caffe2"),
        ("tf2onnx", "tensorflow"), ("tensorflow", "tensorflow"), ("keras", "keras"),
        ("skl2onnx", "scikit-learn"), ("cntk", "cntk"), ("paddle", "paddle"), ("ml.net", "mlnet"), ("mxnet", "mxnet"), ("tribuo", "tribuo"),
        ("matlab", "matlab"), ("chainer", "chainer"), ("coremltools", "coreml"), ("jax", "jax"),
    ];

    public static string? FrameworkOf(string producer) =>
        Known.FirstOrDefault(known => producer.StartsWith(known.Start, StringComparison.OrdinalIgnoreCase)).Framework;
}
