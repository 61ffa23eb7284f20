using System.Diagnostics;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>Debian's docker-registry on loopback, keeping its blobs in a folder; stopped when disposed.</summary>
internal sealed class Registry : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _url;

    private Registry(Process process, string url) => (_process, _url) = (process, url);

    public static async Task<Registry> StartAsync(string folder, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var port = FreePort.Find();
        var configuration = Path.Combine(folder, "config.yml");
        await File.WriteAllTextAsync(configuration, $"""
            version: 0.1
            log: {"{"}level: error, accesslog: {"{"}disabled: true{"}"}{"}"}
            storage: {"{"}filesystem: {"{"}rootdirectory: {folder}/data{"}"}{"}"}
            http: {"{"}addr: 127.0.0.1:{port}{"}"}
            """, ct);
        var start = new ProcessStartInfo("docker-registry", ["serve", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true };
        var registry = new Registry(Process.Start(start)!, $"http://127.0.0.1:{port}");
        registry._process.BeginErrorReadLine();
        registry._process.BeginOutputReadLine();
        using var http = new HttpClient();
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var answer = await http.GetAsync($"{registry._url}/v2/", ct);
                return registry;
            }
            catch (HttpRequestException) when (tries < 100)
            {
                await Task.Delay(50, ct);
            }
        }
    }

    /// <summary>Uploads a blob in one piece.</summary>
    public async Task PutAsync(string file, string sha256, CancellationToken ct)
    {
        using var http = new HttpClient();
        using var begun = await http.PostAsync($"{_url}/v2/measure/blobs/uploads/", null, ct);
        var place = new Uri(new Uri(_url), begun.Headers.Location!).ToString();
        await MeasurePut.CurlAsync(["-T", file, $"{place}{(place.Contains('?', StringComparison.Ordinal) ? '&' : '?')}digest=sha256:{sha256}"], ct);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
