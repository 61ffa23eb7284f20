using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ZooPlatform.Tests.Support;

/// <summary>The files that the recorded Xet calls are about: every byte comes from SHAKE256 of a label, as in the collection's make_files.py.</summary>
public static class XetFiles
{
    /// <summary>The files of the replay scenarios, by the name the index gives them.</summary>
    public static byte[] Replay(string name) => name switch
    {
        "first/README.md" => "---\nlicense: mit\n---\n# replay\n"u8.ToArray(),
        "first/empty.txt" => [],
        "first/model.safetensors" or "second/copy.safetensors" => Safetensors("replay", 300_000),
        "first/notes.dat" => Text("notes", 1_200_000),
        "first/random.bin" => Random("replay-random", 700_000),
        "second/random.bin" => Changed(Random("replay-random", 700_000), 1, 3000, "replay-edit"),
        _ => throw new ArgumentException($"No recorded file is called {name}.", nameof(name)),
    };

    public static byte[] Random(string label, int bytes)
    {
        using var shake = new Shake256();
        shake.AppendData(Encoding.UTF8.GetBytes(label));
        return shake.GetHashAndReset(bytes);
    }

    /// <summary>float32 values in a narrow range, behind a safetensors header.</summary>
    public static byte[] Safetensors(string label, int floats)
    {
        var raw = Random(label, 2 * floats);
        var json = $$$"""{"w": {"dtype": "F32", "shape": [{{{floats}}}], "data_offsets": [0, {{{4 * floats}}}]}, "__metadata__": {"made": "by script"}}""";
        json = json.PadRight((json.Length + 7) / 8 * 8);
        var file = new byte[8 + json.Length + 4 * floats];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        Encoding.ASCII.GetBytes(json, file.AsSpan(8));
        var data = file.AsSpan(8 + json.Length);
        for (var i = 0; i < floats; i++)
        {
            data[4 * i] = raw[floats + i];
            data[4 * i + 1] = raw[i];
            data[4 * i + 2] = (byte)(raw[i] & 0x3F | 0x40);
            data[4 * i + 3] = 0x3C;
        }
        return file;
    }

    /// <summary>Text that compresses.</summary>
    public static byte[] Text(string label, int bytes)
    {
        string[] words = ["layer", "conv", "weight", "bias", "relu", "pool", "dense", "norm", "gate", "head"];
        var r = Random(label, 4096);
        var text = new StringBuilder();
        for (var i = 0; text.Length < bytes; i++)
            text.Append(CultureInfo.InvariantCulture, $"{words[r[i % 4096] % 10]}.{i}.{words[r[i * 7 % 4096] % 10]} = {r[i * 13 % 4096]}\n");
        return Encoding.ASCII.GetBytes(text.ToString(0, bytes));
    }

    /// <summary>Every third MiB random, the others repeated patterns with a counter.</summary>
    public static byte[] Mixed(string label, int bytes)
    {
        const int block = 1 << 20;
        var file = new byte[(bytes + block - 1) / block * block];
        for (var i = 0; i * block < bytes; i++)
        {
            var part = file.AsSpan(i * block, block);
            if (i % 3 == 0)
            {
                Random($"{label}{i}", block).CopyTo(part);
                continue;
            }
            var unit = Random($"{label}-unit{i % 5}", 3000);
            for (var at = 0; at < block; at++) part[at] = unit[at % 3000];
            for (var at = 0; at < block; at += 4096) BinaryPrimitives.WriteUInt32LittleEndian(part[at..], (uint)(i * 1000003 + at));
        }
        return file[..bytes];
    }

    /// <summary>The same with some spans replaced.</summary>
    public static byte[] Changed(byte[] data, int places, int span, string label)
    {
        for (var i = 0; i < places; i++)
            Random($"{label}{i}", span).CopyTo(data, (int)((2L * i + 1) * data.Length / (2 * places)));
        return data;
    }
}
