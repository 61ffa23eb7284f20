using System.Buffers;
using System.Buffers.Binary;

namespace ZooPlatform.Formats;

public static partial class ModelFormats
{
    private static readonly SearchValues<byte> ModuleCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_."u8);

    private static string? BySignature(string name, ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail)
    {
        if (head.StartsWith("PK\x03\x04"u8) || head.StartsWith("PK\x05\x06"u8)) return ByZipMembers(name, ZipNames.Find(head, tail));
        return ByMagic(head) ?? ByText(name, head) ?? ByPickle(head) ?? ByProtobuf(name, head);
    }

    private static string? ByMagic(ReadOnlySpan<byte> head)
    {
        var at4 = head.Length >= 8 ? head[4..8] : default;
        return 0 switch
        {
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) => KerasH5,
            _ when head.StartsWith("GGUF"u8) => Gguf,
            _ when head.StartsWith("lmgg"u8) || head.StartsWith("fmgg"u8) || head.StartsWith("tjgg"u8) => GgmlLegacy,
            _ when at4.SequenceEqual("TFL3"u8) => TfLite,
            _ when at4.SequenceEqual("ORTM"u8) || at4.SequenceEqual("ODTC"u8) || at4.SequenceEqual("TORT"u8) => Ort,
            _ when head.StartsWith("RKNN"u8) || head.StartsWith("CYPTRKNN"u8) || head.StartsWith("RKNX"u8) => Rknn,
            _ when head.StartsWith("ftrt"u8) || head.StartsWith("ptrt"u8) => TensorRt,
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x12, 0x01, 0, 0, 0, 0, 0, 0]) => MxNet,
            _ when head.StartsWith("tree\n"u8) || head.StartsWith("tree\r\n"u8) => LightGbm,
            _ when head.StartsWith("{L\0\0"u8) || head.StartsWith("binf"u8) || head.StartsWith("bs64"u8) => XGBoost,
            _ when head.StartsWith("CBM1"u8) => CatBoost,
            _ when head.StartsWith("7767517"u8) || head.StartsWith((ReadOnlySpan<byte>)[0xdd, 0x85, 0x76, 0]) => Ncnn,
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]) => NumPy,
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x7f, 0x65, 0x6c, 0x66]) => OpenVinoBlob,
            _ when head.StartsWith((ReadOnlySpan<byte>)[0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]) => Archive,
            _ when head.Length > 262 && head[257..262].SequenceEqual("ustar"u8) => Archive,
            _ when IsSafetensors(head) => Safetensors,
            _ => null,
        };
    }

    private static bool IsSafetensors(ReadOnlySpan<byte> head) =>
        head.Length > 9 && head[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(head) is > 1 and <= 100_000_000;

    private static string? ByText(string name, ReadOnlySpan<byte> head)
    {
        var text = head[..Math.Min(head.Length, 4096)];
        if (text.StartsWith("\ufeff"u8)) text = text[3..];
        text = text.TrimStart(" \r\n\t"u8);
        if (text.StartsWith("<"u8))
        {
            if (text.IndexOf("<PMML"u8) >= 0) return Pmml;
            return text.IndexOf("<net "u8) >= 0 ? OpenVinoIr : null;
        }
        if (text.StartsWith("svm_type"u8)) return ScikitLearn;
        if (text.StartsWith("{"u8)) return ByJson(name, head);
        if (text.IndexOf("graph "u8) >= 0 && text.IndexOf("version 1.0;"u8) >= 0 && name.EndsWith(".nnef", StringComparison.Ordinal)) return Nnef;
        return name.EndsWith(".prototxt", StringComparison.Ordinal) && text.IndexOf("layer"u8) >= 0 ? Caffe : null;
    }

    private static string? ByJson(string name, ReadOnlySpan<byte> head) => 0 switch
    {
        _ when name.EndsWith("-symbol.json", StringComparison.Ordinal) && head.IndexOf("\"nodes\""u8) >= 0 => MxNet,
        _ when head.IndexOf("\"modelTopology\""u8) >= 0 || head.IndexOf("\"weightsManifest\""u8) >= 0 => TensorFlowJs,
        _ when head.IndexOf("\"learner\""u8) >= 0 => XGBoost,
        _ when head.IndexOf("\"base_code\""u8) >= 0 && head.IndexOf("\"program\""u8) >= 0 => Paddle,
        _ when head.IndexOf("\"chat_template\""u8) >= 0 => ChatTemplate,
        _ => null,
    };

    private static string? ByPickle(ReadOnlySpan<byte> head)
    {
        if (!IsPickle(head)) return null;
        if (head.IndexOf((ReadOnlySpan<byte>)[0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]) is >= 0 and < 32) return PyTorch;
        return head.IndexOf("sklearn."u8) is >= 0 and < 128 || head.IndexOf("joblib."u8) is >= 0 and < 128 ? ScikitLearn : Pickle;
    }

    // Protocol 2 and later has a header; an earlier one is known by an import as its first opcode: c, module, name, each ended by a line feed.
    private static bool IsPickle(ReadOnlySpan<byte> head)
    {
        if (head.Length < 2) return false;
        if (head[0] == 0x80) return head[1] is >= 2 and <= 5;
        if (head[0] != 'c') return false;
        var module = head[1..].IndexOf((byte)'\n');
        return module is > 0 and < 64 && head.Slice(1, module).IndexOfAnyExcept(ModuleCharacters) < 0;
    }

    private static string ByZipMembers(string name, HashSet<string> members)
    {
        bool Any(string ending) => members.Any(m => m.EndsWith(ending, StringComparison.Ordinal));
        if (Any("/data.pkl"))
        {
            return Any("/constants.pkl") || members.Any(m => m.Contains("/code/", StringComparison.Ordinal)) ? TorchScript : PyTorch;
        }
        return 0 switch
        {
            _ when members.Contains("config.json") && Any(".weights.h5") || name.EndsWith(".keras", StringComparison.Ordinal) => KerasV3,
            _ when members.Any(m => m.StartsWith("MAR-INF/", StringComparison.Ordinal)) => Mar,
            _ when members.Contains("schema.json") => ScikitLearn,
            _ when members.Contains("dlc.metadata") => Dlc,
            _ when members.Any(m => m.StartsWith("TrainingInfo/", StringComparison.Ordinal)) => MlNet,
            _ when members.Count > 0 && members.All(m => m.EndsWith(".npy", StringComparison.Ordinal)) => NumPy,
            _ when Any("archive_format") => PyTorch,
            _ => Archive,
        };
    }
}
