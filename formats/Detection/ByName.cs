namespace ZooPlatform.Formats;

public static partial class ModelFormats
{
    private static string? ByName(string name) => name switch
    {
        "saved_model.pb" or "saved_model.pbtxt" => TensorFlowSavedModel,
        "__model__" or "inference.json" => Paddle,
        "graph.nnef" => Nnef,
        _ => Path.GetExtension(name) switch
        {
            ".onnx" => Onnx,
            ".ort" => Ort,
            ".safetensors" => Safetensors,
            ".gguf" => Gguf,
            ".pt" or ".pth" or ".ckpt" => PyTorch,
            ".pkl" or ".pickle" => Pickle,
            ".joblib" or ".skops" => ScikitLearn,
            ".tflite" => TfLite,
            ".plan" or ".engine" or ".trt" => TensorRt,
            ".uff" => Uff,
            ".rknn" => Rknn,
            ".h5" or ".hdf5" => KerasH5,
            ".keras" => KerasV3,
            ".mar" => Mar,
            ".pdmodel" or ".pdiparams" => Paddle,
            ".mlmodel" or ".mil" => CoreMl,
            ".mnn" => Mnn,
            ".nnef" => Nnef,
            ".dlc" => Dlc,
            ".caffemodel" => Caffe,
            ".cbm" => CatBoost,
            ".pmml" => Pmml,
            ".ubj" => XGBoost,
            ".npy" or ".npz" => NumPy,
            _ => null,
        },
    };
}
