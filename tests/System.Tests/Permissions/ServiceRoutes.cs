using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZooPlatform.Tests.Whole.Permissions;

/// <summary>What the running services say of their own routes, asked of each service itself.</summary>
internal static partial class ServiceRoutes
{
    public static readonly string[] Services = ["identity", "artifact", "catalog", "search", "benchmark", "web", "gateway"];

    /// <summary>As the table names them: service, method, pattern. Those that every service has are under <c>every</c>.</summary>
    public static async Task<IReadOnlySet<string>> ReadAsync(RunningZoo running)
    {
        var token = await AnonymousAsync(running);
        var routes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var service in Services)
        {
            using var client = ClientOf(running, service);
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
            var told = await client.GetFromJsonAsync<JsonElement>("/internal/routes");
            foreach (var route in told.EnumerateArray().Where(route => route.GetProperty("policy").GetString() != "forwarded"))
            {
                var pattern = route.GetProperty("pattern").GetString()!;
                pattern = pattern == "/" ? pattern : pattern.TrimEnd('/');
                if (service == "web" && Asset().IsMatch(pattern)) pattern = "/{asset}";
                var owner = pattern is "/health" or "/alive" && service != "gateway" || pattern is "/internal/routes" or "/internal/changes" ? "every" : service;
                var methods = route.GetProperty("methods").EnumerateArray().Select(method => method.GetString()!).DefaultIfEmpty("ANY");
                foreach (var method in methods) routes.Add($"{owner} {method} {pattern}");
            }
        }
        return routes;
    }

    public static HttpClient ClientOf(RunningZoo running, string service)
    {
        using var platform = JsonDocument.Parse(File.ReadAllText(running.DataFile("platform.json")));
        var port = platform.RootElement.GetProperty("resources").GetProperty(service).GetProperty("port").GetInt32();
        return new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>The anonymous caller's internal token, got as the gateway gets it.</summary>
    private static async Task<string> AnonymousAsync(RunningZoo running)
    {
        using var secrets = JsonDocument.Parse(File.ReadAllText(running.DataFile("secrets.json")));
        using var identity = ClientOf(running, "identity");
        var secret = secrets.RootElement.GetProperty("gateway-secret").GetString();
        identity.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"gateway:{secret}")));
        var own = await TokenAsync(identity, "/internal/tokens/client", new { scopes = new[] { "identity.swap" } });
        identity.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", own);
        return await TokenAsync(identity, "/internal/tokens/swap", new { kind = "anonymous" });
    }

    private static async Task<string> TokenAsync(HttpClient identity, string path, object body)
    {
        using var answer = await identity.PostAsJsonAsync(path, body);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    [GeneratedRegex(@"\.(svg|css|js|map|woff2|png|ico)(\.gz|\.br)?$")]
    private static partial Regex Asset();
}
