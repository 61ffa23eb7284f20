using System.Text.Json;

namespace ZooPlatform.LocalOrchestrator.State;

/// <summary>
/// <c>secrets.json</c>, mode 0600: generated passwords by parameter name, kept because the servers' data was made with them.
/// </summary>
internal sealed class Secrets
{
    private static readonly JsonSerializerOptions _json = new() { WriteIndented = true };

    private readonly string _path;
    private readonly SortedDictionary<string, string> _values = [];

    /// <exception cref="JsonException">The file is damaged: without it the databases cannot be opened.</exception>
    public Secrets(string path)
    {
        _path = path;
        if (File.Exists(path))
        {
            _values = JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllBytes(path))!;
        }
    }

    /// <summary>The kept value, or a new one, which is on disk before it is used.</summary>
    public string GetOrCreate(string name, Func<string> generate)
    {
        if (!_values.TryGetValue(name, out var value))
        {
            value = _values[name] = generate();
            AtomicFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(_values, _json));
        }
        return value;
    }
}
