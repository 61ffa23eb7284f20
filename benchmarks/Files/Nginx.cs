using System.Diagnostics;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Measure.Files;

/// <summary>An nginx that serves one folder on loopback; stopped when disposed.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _folder;

    private Nginx(Process process, string folder, int port) => (_process, _folder, Url) = (process, folder, $"http://127.0.0.1:{port}");

    public string Url { get; }

    public int ProcessId => _process.Id;

    /// <param name="served">A folder that everybody may enter.</param>
    public static async Task<Nginx> StartAsync(string served, CancellationToken ct)
    {
        var folder = Directory.CreateTempSubdirectory("zoo-nginx-").FullName;
        var port = FreePort.Find();
        var configuration = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            worker_processes auto;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            events { worker_connections 256; }
            http {
              access_log off;
              sendfile on;
              tcp_nopush on;
              client_body_temp_path {{folder}}/body; proxy_temp_path {{folder}}/proxy; fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi; scgi_temp_path {{folder}}/scgi;
              server { listen 127.0.0.1:{{port}}; root {{served}}; default_type application/octet-stream; }
            }
            """, ct);
        var nginx = new Nginx(Process.Start(new ProcessStartInfo("nginx", ["-c", configuration, "-p", folder, "-g", "daemon off;"]))!, folder, port);
        using var http = new HttpClient();
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var answer = await http.GetAsync(nginx.Url, ct);
                return nginx;
            }
            catch (HttpRequestException) when (tries < 100)
            {
                await Task.Delay(50, ct);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (var quit = Process.Start("kill", ["-QUIT", $"{_process.Id}"])) await quit.WaitForExitAsync();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
