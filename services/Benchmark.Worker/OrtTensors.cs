using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Formats.Tensors;
using Tensor = ZooPlatform.Formats.Tensors.Tensor;

namespace ZooPlatform.Benchmark.Worker;

/// <summary>Fills bytes of a tensor.</summary>
internal delegate void Fill(Span<byte> bytes);

/// <summary>Between our tensors and ONNX Runtime's. Element types have the same numbers in both.</summary>
internal static class OrtTensors
{
    public static OrtValue ToOrt(Tensor tensor)
    {
        var rest = tensor.WireBytes;
        return Read(new TensorHead(tensor.Name, tensor.Type, [.. tensor.Shape], rest.Length), bytes =>
        {
            rest.Span[..bytes.Length].CopyTo(bytes);
            rest = rest[bytes.Length..];
        });
    }

    public static Tensor FromOrt(string name, OrtValue value)
    {
        var head = Head(name, value, out var texts);
        return Tensor.OfWire(name, head.Type, head.Shape, texts ?? (head.SizeBytes == 0 ? [] : value.GetTensorMutableRawData().ToArray()));
    }

    /// <summary>A tensor in ONNX Runtime's memory, filled by <paramref name="fill"/> with the bytes of <paramref name="head"/>.</summary>
    public static OrtValue Read(TensorHead head, Fill fill)
    {
        if (head.Type == ElementType.String)
        {
            return ReadTexts(head, fill);
        }

        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)(int)head.Type, head.Shape);
        try
        {
            if (head.SizeBytes > 0)
            {
                fill(value.GetTensorMutableRawData());
            }

            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    /// <summary>What an output is; <paramref name="texts"/> are the bytes of one of strings, which lie nowhere in one piece.</summary>
    /// <exception cref="NotSupportedException">It is no dense tensor.</exception>
    public static TensorHead Head(string name, OrtValue value, out byte[]? texts)
    {
        if (!value.IsTensor)
        {
            throw new NotSupportedException($"Output '{name}' is a {value.OnnxType}; only dense tensors can be read.");
        }

        var info = value.GetTensorTypeAndShape();
        var type = (ElementType)(int)info.ElementDataType;
        texts = type == ElementType.String ? Texts(value, (int)info.ElementCount) : null;
        var sizeBytes = texts?.Length ?? (info.ElementCount == 0 ? 0 : value.GetTensorMutableRawData().Length);
        return new TensorHead(name, type, info.Shape, sizeBytes);
    }

    private static OrtValue ReadTexts(TensorHead head, Fill fill)
    {
        var bytes = new byte[head.SizeBytes];
        fill(bytes);
        var strings = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, head.Shape);
        ReadOnlySpan<byte> rest = bytes;
        for (var i = 0; !rest.IsEmpty; i++)
        {
            strings.StringTensorSetElementAt(OpenInferenceData.Next(head.Name, ref rest), i);
        }

        return strings;
    }

    private static byte[] Texts(OrtValue value, int count)
    {
        var bytes = new byte[Enumerable.Range(0, count).Sum(i => sizeof(int) + value.GetStringElementAsSpan(i).Length)];
        var used = 0;
        for (var i = 0; i < count; i++)
        {
            used += OpenInferenceData.Put(bytes.AsSpan(used), value.GetStringElementAsSpan(i));
        }

        return bytes;
    }
}
