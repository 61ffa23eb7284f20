using System.Text.Json;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>npm's @huggingface/hub as a peer of <c>zoo push</c>: the version that the tests install, uploading by Xet.</summary>
internal sealed class HubClient
{
    private readonly NodeClient _node;

    private HubClient(NodeClient node) => _node = node;

    public static async Task<HubClient> InstallAsync(string folder) =>
        new(await NodeClient.InstallAsync("tests/System.Tests/HubClients/huggingface-hub", folder, "benchmarks/Files/hub-push.mjs"));

    /// <returns>How many bytes of the file went.</returns>
    public async Task<long> PushAsync(Platform platform, string repository, string file)
    {
        var told = await _node.RunAsync(["hub-push.mjs"], ("ZOO_URL", platform.Url), ("TOKEN", platform.AdminToken), ("REPOSITORY", repository), ("FILE", file));
        return JsonDocument.Parse(told.TrimEnd().Split('\n')[^1]).RootElement.GetProperty("sent").GetInt64();
    }
}
