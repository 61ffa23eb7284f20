using System.Diagnostics;
using System.Net.Http.Headers;
using Microsoft.Playwright;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Web.Tests.Support;

/// <summary>The real site as a process of its own, run as the AppHost runs it, and one browser for all tests.</summary>
public sealed class Site : IAsyncLifetime
{
    private Process _process = null!;
    private IPlaywright _playwright = null!;
    private IBrowser _browser = null!;

    public Neighbours Neighbours { get; private set; } = null!;

    public Uri Address { get; } = new($"http://127.0.0.1:{FreePort.Find()}");

    /// <summary>Pictures of pages lie here after a run, to be looked at.</summary>
    public static string Pictures { get; } = Path.Combine(Root, "artifacts", "screenshots");

    /// <summary>The newest pages of a new browser profile.</summary>
    /// <param name="token">An internal token, as the gateway adds it; anonymous unless told.</param>
    public async Task<IPage> OpenAsync(string path, string? token = null, BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.BaseURL = Address.ToString();
        options.ExtraHTTPHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {token ?? TestTokens.Anonymous()}" };
        var page = await (await _browser.NewContextAsync(options)).NewPageAsync();
        await page.RouteAsync("**/api/v1/repositories/**", AsTheGatewayAsync);
        page.SetDefaultTimeout(10_000);
        await page.GotoAsync(path);
        return page;
    }

    /// <summary>Files come from Artifact, on the same origin.</summary>
    private async Task AsTheGatewayAsync(IRoute route)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(Neighbours.Address + new Uri(route.Request.Url).PathAndQuery);
        await route.FulfillAsync(new()
        {
            Status = (int)answer.StatusCode,
            Headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(header => header.Key, header => string.Join(',', header.Value)),
            BodyBytes = await answer.Content.ReadAsByteArrayAsync(),
        });
    }

    public async Task<HttpResponseMessage> GetAsync(string path, string? token = null)
    {
        using var http = new HttpClient { BaseAddress = Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token ?? TestTokens.Anonymous());
        return await http.GetAsync(path);
    }

    public async Task InitializeAsync()
    {
        Neighbours = await Neighbours.StartAsync();
        _process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(Root, "services/Web/bin", Configuration, "net10.0/ZooPlatform.Web.dll")])
        {
            WorkingDirectory = Path.Combine(Root, "services/Web"),
            Environment =
            {
                ["ASPNETCORE_URLS"] = Address.ToString(), ["ASPNETCORE_ENVIRONMENT"] = "Production", ["Auth__Jwks"] = TestTokens.Jwks,
                ["Platform__PublicUrl"] = "http://zoo.test", ["services__identity__http__0"] = Neighbours.Address,
                ["services__catalog__http__0"] = Neighbours.Address, ["services__search__http__0"] = Neighbours.Address,
                ["services__benchmark__http__0"] = Neighbours.Address, ["services__artifact__http__0"] = Neighbours.Address,
                ["services__gateway__http__0"] = Neighbours.Address, ["Logging__LogLevel__Default"] = "Error",
            },
        })!;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium(),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        await UntilHealthyAsync();
    }

    public async Task DisposeAsync()
    {
        await _browser.CloseAsync();
        _playwright.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await Neighbours.DisposeAsync();
    }

    private async Task UntilHealthyAsync()
    {
        for (var i = 0; i < 300; i++)
        {
            try
            {
                if ((await GetAsync("/health")).IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
            }
            if (_process.HasExited) throw new InvalidOperationException($"The site ended with {_process.ExitCode} while starting.");
            await Task.Delay(100);
        }
        throw new TimeoutException("The site did not become healthy within 30 s.");
    }

    private static string Chromium() =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("Chromium is missing: run ./zoo test, which installs it.");

    // .../tests/Web.Tests/bin/<Configuration>/net10.0/
    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
    private static string Root => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../.."));
}

[CollectionDefinition(Name)]
public sealed class SiteCollection : ICollectionFixture<Site>
{
    public const string Name = "site";
}
