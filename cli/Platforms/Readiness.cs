using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Credentials;

namespace ZooPlatform.Cli.Platforms;

/// <summary>How a platform on this machine is.</summary>
/// <param name="Running">Its AppHost lives.</param>
/// <param name="Healthy">Its gateway says that it is ready, and every resource runs.</param>
/// <param name="Waiting">Resources that do not run yet, or no longer, with their state.</param>
internal sealed record Readiness(bool Running, bool Healthy, IReadOnlyList<string> Waiting, PlatformFile? Platform)
{
    /// <summary>A resource that was given up: nothing starts it again.</summary>
    public string? Failed => Platform?.Resources?.FirstOrDefault(r => r.Value.State == "failed").Key;

    public static async Task<Readiness> AskAsync(DataFolder data, TimeProvider time, CancellationToken ct)
    {
        var platform = PlatformFile.Read(data);
        if (platform is not { IsRunning: true })
        {
            return new Readiness(false, false, [], platform);
        }
        var waiting = (platform.Resources ?? new Dictionary<string, ResourceState>())
            .Where(r => !r.Value.IsWell)
            .Select(r => $"{r.Key} ({r.Value.State ?? "unknown"})").Order(StringComparer.Ordinal).ToList();
        if (waiting.Count == 0 && !await GatewayIsReadyAsync(new Uri(platform.Url), time, ct))
        {
            waiting.Add("gateway (not ready)");
        }
        return new Readiness(true, waiting.Count == 0, waiting, platform);
    }

    private static async Task<bool> GatewayIsReadyAsync(Uri url, TimeProvider time, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        using var http = new ZooHttp(new Connection(url, null, null), time);
        try
        {
            using var answer = await http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "/health"), patience.Token);
            return true;
        }
        catch (Refusal)
        {
            return false;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
