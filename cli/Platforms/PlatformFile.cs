using System.Text.Json;
using System.Text.Json.Serialization;
using ZooPlatform.Cli.Credentials;

namespace ZooPlatform.Cli.Platforms;

/// <summary><c>platform.json</c> in the data folder: what the platform of this folder is and where it listens.</summary>
/// <param name="Url">The gateway's origin.</param>
/// <param name="Pid">The AppHost's process.</param>
/// <param name="Resources">What runs, by name, as the orchestrator last said.</param>
internal sealed record PlatformFile(
    string Url, int Pid, string? Instance, DateTimeOffset? StartedAt, IReadOnlyDictionary<string, ResourceState>? Resources)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Null when no platform ever ran on this folder, or this user may not read it.</summary>
    public static PlatformFile? Read(DataFolder data) =>
        Read<PlatformFile>(data.PlatformFile) is { Url.Length: > 0 } platform ? platform : null;

    /// <summary>The platform's process is alive.</summary>
    public bool IsRunning => AppHostProcess.IsAlive(Pid);

    internal static T? Read<T>(string path) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new Refusal($"{path} is broken: {e.Message}", "./zoo down, delete the file, ./zoo up", e);
        }
    }
}

/// <param name="State"><c>waiting</c>, <c>starting</c>, <c>running</c> (and healthy), <c>unhealthy</c>, <c>finished</c>,
/// <c>failed</c> or <c>exited</c>.</param>
internal sealed record ResourceState(int? Pid, int? Port, string? State)
{
    [JsonIgnore]
    public bool IsWell => State is "running" or "finished";
}

/// <summary><c>admin.json</c> in the data folder: the first administrator's credential, written by Identity, mode 0600.</summary>
internal sealed record AdminFile(string UserName, string Token, string? SignInUrl)
{
    public static AdminFile? Read(DataFolder data) => PlatformFile.Read<AdminFile>(data.AdminFile);
}
