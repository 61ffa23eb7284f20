using System.Text.Json;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Formats.Tensors;

namespace ZooPlatform.Cli.Tensors;

/// <summary>An input as a person gives it: <c>NAME=FILE.pb</c>, <c>NAME=FILE.npy</c>, <c>NAME=FILE.json</c> or <c>NAME=JSON</c>.</summary>
/// <remarks>JSON is a number, nested lists of numbers, texts or truths (the element type is then the model's), or the Open
/// Inference Protocol's <c>{"datatype", "shape", "data"}</c>.</remarks>
internal static class InputTensor
{
    /// <param name="given"><c>NAME=VALUE</c>.</param>
    /// <param name="datatypeOf">Asks the zoo for an input's datatype; null when the model has no such input.</param>
    /// <exception cref="WrongUsage">There is no such file, or it holds no tensor.</exception>
    public static async Task<Tensor> ReadAsync(string given, Func<string, Task<string?>> datatypeOf, CancellationToken ct)
    {
        if (given.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } value])
        {
            throw new WrongUsage($"'{given}' is no input", "--input NAME=FILE.pb, NAME=FILE.npy, NAME=FILE.json or NAME=JSON");
        }
        try
        {
            var isJson = value[0] is '[' or '{' or '"' or '-' or >= '0' and <= '9' && !File.Exists(value);
            if (!isJson && !File.Exists(value))
            {
                throw new WrongUsage($"there is no file {value}", "give the file's path, or JSON that begins with [ or {");
            }
            var bytes = isJson ? System.Text.Encoding.UTF8.GetBytes(value) : await File.ReadAllBytesAsync(value, ct);
            return Path.GetExtension(isJson ? ".json" : value).ToLowerInvariant() switch
            {
                ".pb" => TensorFile.Read(bytes).Named(name),
                ".npy" => NpyFile.Read(name, bytes),
                ".json" => await FromJsonAsync(name, bytes, datatypeOf),
                var other => throw new WrongUsage($"{value}: files ending in '{other}' are not read", "give a .pb, .npy or .json file"),
            };
        }
        catch (Exception e) when (e is InvalidDataException or JsonException)
        {
            throw new WrongUsage($"{given}: {e.Message}", "give a tensor that the model's input takes; ./zoo show tells type and shape");
        }
    }

    private static async Task<Tensor> FromJsonAsync(string name, byte[] bytes, Func<string, Task<string?>> datatypeOf)
    {
        using var json = JsonDocument.Parse(bytes);
        var root = json.RootElement;
        if (root.ValueKind == JsonValueKind.Object)
        {
            return OpenInferenceTensors.Read(WithName(root, name));
        }
        var datatype = await datatypeOf(name)
            ?? throw new WrongUsage($"the model has no input '{name}'", "./zoo show tells the names of its inputs");
        var data = root.ValueKind == JsonValueKind.Array ? root : JsonSerializer.SerializeToElement(new[] { root });
        return OpenInferenceTensors.Read(JsonSerializer.SerializeToElement(
            new { name, datatype, shape = root.ValueKind == JsonValueKind.Array ? Shape(root) : [], data }));
    }

    private static JsonElement WithName(JsonElement tensor, string name)
    {
        var members = tensor.EnumerateObject().Where(m => m.Name != "name").ToDictionary(m => m.Name, m => m.Value);
        members["name"] = JsonSerializer.SerializeToElement(name);
        return JsonSerializer.SerializeToElement(members);
    }

    private static List<int> Shape(JsonElement list)
    {
        var shape = new List<int>();
        for (var level = list; level.ValueKind == JsonValueKind.Array; level = level[0])
        {
            shape.Add(level.GetArrayLength());
            if (shape[^1] == 0)
            {
                break;
            }
        }
        return shape;
    }
}
