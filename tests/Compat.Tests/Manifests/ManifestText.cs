using System.Text;
using System.Text.Json;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;

namespace ZooPlatform.Compat.Tests.Manifests;

/// <summary>Manifests as text, without touching the disk.</summary>
internal static class ManifestText
{
    /// <summary>What would be written to <paramref name="path"/>; paths inside are relative to its folder.</summary>
    public static async Task<string> OfAsync(DistributedApplication app, string path)
    {
        using var stream = new MemoryStream();
        var writer = new ManifestWriter(app.Services.GetRequiredService<DistributedApplicationModel>(),
            app.Services.GetRequiredService<DistributedApplicationExecutionContext>(), path);
        await writer.WriteAsync(stream, CancellationToken.None);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>The same JSON in one layout; the order of members stays.</summary>
    public static string InOneLayout(string json) =>
        JsonSerializer.Serialize(JsonDocument.Parse(json).RootElement, new JsonSerializerOptions { WriteIndented = true });
}
