using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZooPlatform.Formats.Tensors;
using Tensor = ZooPlatform.Formats.Tensors.Tensor;

namespace ZooPlatform.Benchmark.Worker;

/// <summary>Between our tensors and ONNX Runtime's. Element types have the same numbers in both.</summary>
internal static class OrtTensors
{
    public static OrtValue ToOrt(Tensor tensor)
    {
        long[] shape = [.. tensor.Shape];
        if (tensor.Type == ElementType.String)
        {
            var strings = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
            for (var i = 0; i < tensor.Strings.Count; i++)
            {
                strings.StringTensorSetElementAt(tensor.Strings[i].AsSpan(), i);
            }

            return strings;
        }

        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)(int)tensor.Type, shape);
        tensor.Data.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    public static Tensor FromOrt(string name, OrtValue value)
    {
        if (!value.IsTensor)
        {
            throw new NotSupportedException($"Output '{name}' is a {value.OnnxType}; only dense tensors can be read.");
        }

        var info = value.GetTensorTypeAndShape();
        return info.ElementDataType == TensorElementType.String
            ? Tensor.OfStrings(name, info.Shape, Enumerable.Range(0, (int)info.ElementCount).Select(i => value.GetStringElementAsSpan(i).ToArray()).ToList())
            : Tensor.Of(name, (ElementType)(int)info.ElementDataType, info.Shape, value.GetTensorMutableRawData().ToArray());
    }
}
