using System.Text.Json;

namespace ZooPlatform.LocalOrchestrator.State;

/// <summary>
/// <c>platform.json</c>: where the platform of this data folder listens, and its processes. Written at every change,
/// deleted by a clean stop; one that is left over names the processes of a run that was killed.
/// </summary>
internal sealed class PlatformFile(string path)
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Lock _gate = new();
    private Platform _platform = new();
    private bool _saved;

    /// <summary>What another or an earlier run wrote; null when there is nothing readable.</summary>
    public Platform? Read()
    {
        try
        {
            return JsonSerializer.Deserialize<Platform>(File.ReadAllBytes(path), _json);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    public void Write(Platform platform)
    {
        lock (_gate)
        {
            _platform = platform;
            Save();
        }
    }

    /// <summary>Where the disk does not take it, nobody is stopped for that: what is told next of any resource writes it.</summary>
    public void Update(string resource, PlatformResource state)
    {
        lock (_gate)
        {
            if (_saved && File.Exists(path) && _platform.Resources.GetValueOrDefault(resource) == state) return;
            _platform.Resources[resource] = state;
            try
            {
                Save();
            }
            catch (IOException)
            {
                _saved = false;
            }
        }
    }

    public void Delete()
    {
        lock (_gate)
        {
            File.Delete(path);
        }
    }

    private void Save()
    {
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(_platform, _json));
        _saved = true;
    }
}

/// <param name="Url">The public origin, such as <c>http://127.0.0.1:8080</c>; empty when nothing is public.</param>
/// <param name="Pid">The AppHost.</param>
internal sealed record Platform(string Url = "", int Pid = 0, string Instance = "", DateTimeOffset StartedAt = default)
{
    public SortedDictionary<string, PlatformResource> Resources { get; init; } = [];
}

/// <param name="Pid">Null while it does not run, and for a server given by address.</param>
/// <param name="Process">Which process of that id: <see cref="ProcessIdentity"/>.</param>
internal sealed record PlatformResource(string State, int? Pid = null, int? Port = null, string? Process = null);
