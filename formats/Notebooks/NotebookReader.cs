using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZooPlatform.Formats.Notebooks;

/// <summary>Reads .ipynb files of format 4.</summary>
/// <remarks>Of an output's types the first of PNG, JPEG and plain text is taken. HTML, SVG, JavaScript, LaTeX and widgets are never handed on.</remarks>
public static partial class NotebookReader
{
    /// <summary>A larger file is not read. 4 MiB.</summary>
    public const int MaxBytes = 4 << 20;

    private const int MaxCells = 500;
    private const int MaxOutputs = 50;
    private const int MaxText = 64 << 10;
    private const int MaxPictureBase64 = 2 << 20;

    /// <exception cref="InvalidDataException">Not a notebook of format 4, or past a limit; says what is wrong.</exception>
    public static Notebook Read(ReadOnlyMemory<byte> file)
    {
        if (file.Length > MaxBytes) throw new InvalidDataException($"The notebook has {file.Length} bytes; up to {MaxBytes} are read.");
        try
        {
            using var json = JsonDocument.Parse(file, new JsonDocumentOptions { MaxDepth = 32 });
            return Read(json.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The notebook is no JSON that can be read: line {e.LineNumber + 1}.", e);
        }
    }

    private static Notebook Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || Field(root, "cells") is not { ValueKind: JsonValueKind.Array } cells
            || Field(root, "nbformat") is not { ValueKind: JsonValueKind.Number } format || !format.TryGetInt32(out var version))
            throw new InvalidDataException("This is no notebook: it has no list of cells and no format number.");
        if (version != 4) throw new InvalidDataException($"The notebook has format {version}; format 4 can be read. Jupyter converts it when it is saved.");

        var leftOut = Math.Max(0, cells.GetArrayLength() - MaxCells);
        var read = new List<NotebookCell>();
        foreach (var cell in cells.EnumerateArray().Take(MaxCells))
        {
            var outputs = Text(cell, "cell_type") == "code" && Field(cell, "outputs") is { ValueKind: JsonValueKind.Array } list ? list : default;
            var count = outputs.ValueKind == JsonValueKind.Array ? outputs.GetArrayLength() : 0;
            leftOut += Math.Max(0, count - MaxOutputs);
            var kind = Text(cell, "cell_type") switch { "markdown" => "markdown", "code" => "code", _ => "raw" };
            read.Add(new NotebookCell(kind, Cut(Text(cell, "source")), count == 0 ? [] : [.. outputs.EnumerateArray().Take(MaxOutputs).Select(Output)]));
        }
        return new Notebook(LanguageOf(root), read, leftOut);
    }

    private static NotebookOutput Output(JsonElement output) => Text(output, "output_type") switch
    {
        "stream" => new("text", Plain(Text(output, "text"))),
        "error" => new("error", Plain($"{Text(output, "ename")}: {Text(output, "evalue")}\n{Text(output, "traceback", "\n")}").Trim()),
        _ => Data(Field(output, "data") is { ValueKind: JsonValueKind.Object } data ? data : default),
    };

    private static NotebookOutput Data(JsonElement data)
    {
        var text = Text(data, "text/plain");
        foreach (var type in (string[])["image/png", "image/jpeg"])
        {
            var picture = string.Concat(Text(data, type).Where(c => !char.IsWhiteSpace(c)));
            if (picture.Length is > 0 and <= MaxPictureBase64 && IsPicture(picture, type)) return new("picture", Plain(text), picture, type);
        }
        if (text.Length > 0) return new("text", Plain(text));
        var types = data.ValueKind == JsonValueKind.Object ? string.Join(", ", data.EnumerateObject().Select(entry => entry.Name).Take(5)) : "";
        return new("hidden", UntrustedText.Quote(types));
    }

    // A browser is told the type and believes it; what lies is not shown.
    private static bool IsPicture(string base64, string type)
    {
        var head = new byte[12];
        return Base64.IsValid(base64) && base64.Length >= 16 && Convert.TryFromBase64String(base64[..16], head, out _)
            && (type == "image/png" ? head.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) : head is [0xff, 0xd8, 0xff, ..]);
    }

    private static string? LanguageOf(JsonElement root) =>
        Field(root, "metadata") is { ValueKind: JsonValueKind.Object } metadata && Field(metadata, "kernelspec") is { ValueKind: JsonValueKind.Object } kernel
            && Text(kernel, "language") is { Length: > 0 and < 40 } language ? Plain(language) : null;

    /// <summary>A text, or a list of its lines.</summary>
    private static string Text(JsonElement from, string name, string between = "") => Field(from, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } lines => string.Join(between, lines.EnumerateArray().Where(line => line.ValueKind == JsonValueKind.String).Select(line => line.GetString())),
        _ => "",
    };

    private static JsonElement? Field(JsonElement from, string name) =>
        from.ValueKind == JsonValueKind.Object && from.TryGetProperty(name, out var field) ? field : null;

    private static string Plain(string text) =>
        string.Concat(TerminalCodes().Replace(Cut(text), "").Where(c => !char.IsControl(c) || c is '\n' or '\t'));

    private static string Cut(string text) => text.Length <= MaxText ? text : text[..MaxText] + "\n...";

    [GeneratedRegex(@"\x1b\[[0-9;?]{0,32}[A-Za-z]")]
    private static partial Regex TerminalCodes();
}
