namespace ZooPlatform.Formats;

public static partial class ModelFormats
{
    /// <summary>Protobuf has no magic: the first fields' numbers and wire types tell the messages apart.</summary>
    private static string? ByProtobuf(string name, ReadOnlySpan<byte> head)
    {
        var extension = Path.GetExtension(name);
        if (extension == ".uff") return Uff;
        if (head.Length < 4) return null;

        // GraphDef.node, NetParameter.name and ProgramDesc.blocks are all field 1 as a message or text.
        if (head[0] == 0x0a)
        {
            return extension switch { ".pdmodel" => Paddle, ".caffemodel" => Caffe, ".pb" => LooksLikeGraphDef(head) ? TensorFlowFrozen : null, _ => null };
        }

        // ModelProto, SavedModel and Core ML's Model begin with a small version, field 1 as a varint.
        if (extension == ".mlmodel") return CoreMl;
        if (head[0] == 0x12 && name == "saved_model.pb") return TensorFlowSavedModel;
        if (head[0] == 0x12 && extension == ".onnx") return Onnx;
        if (head[0] != 0x08 || head[1] is 0 or > 60) return null;
        if (name == "saved_model.pb" && head[1] == 1) return TensorFlowSavedModel;

        // ONNX: producer_name (2), producer_version (3), domain (4), doc_string (6), graph (7) or opset_import (8) follows.
        var producerIsText = head[2] != 0x12 || IsPlainText(head, 3);
        return head[2] is 0x12 or 0x1a or 0x22 or 0x32 or 0x3a or 0x42 && producerIsText ? Onnx : null;
    }

    private static bool LooksLikeGraphDef(ReadOnlySpan<byte> head)
    {
        // NodeDef begins with its name, field 1 as text; its length comes after one or two bytes of the node's own length.
        var at = head[1] < 0x80 ? 2 : head[2] < 0x80 ? 3 : 4;
        return at < head.Length && head[at] == 0x0a;
    }

    private static bool IsPlainText(ReadOnlySpan<byte> head, int lengthAt)
    {
        var length = head[lengthAt];
        if (length >= 0x80 || lengthAt + 1 + length > head.Length) return false;
        return head.Slice(lengthAt + 1, length).IndexOfAnyInRange((byte)0, (byte)0x1f) < 0;
    }
}
