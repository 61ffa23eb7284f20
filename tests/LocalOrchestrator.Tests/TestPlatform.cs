using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator.Tests;

/// <summary>A model that really runs, on a data folder of its own or a given one.</summary>
internal sealed class TestPlatform : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);

    private readonly DistributedApplication _application;
    private readonly TemporaryFolder? _own;

    private TestPlatform(DistributedApplication application, string data, TemporaryFolder? own)
    {
        _application = application;
        _own = own;
        Data = data;
    }

    public string Data { get; }

    public Platform File => new PlatformFile(Path.Combine(Data, "platform.json")).Read()!;

    public static async Task<TestPlatform> StartAsync(
        Action<IDistributedApplicationBuilder> describe, string? data = null, TimeProvider? time = null, params string[] settings)
    {
        var own = data is null ? new TemporaryFolder() : null;
        data ??= own!.Path;
        var builder = DistributedApplication.CreateBuilder([$"--ZOO_DATA={data}", "--Logging:LogLevel:Default=Warning", .. settings]);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        describe(builder);
        var platform = new TestPlatform(builder.Build(), data, own);
        try
        {
            await platform._application.StartAsync();
            return platform;
        }
        catch
        {
            await platform.DisposeAsync();
            throw;
        }
    }

    public async Task HealthyAsync(params string[] names)
    {
        using var limit = new CancellationTokenSource(_patience);
        await Task.WhenAll(names.Select(name => _application.ResourceNotifications.WaitForResourceHealthyAsync(name, limit.Token)));
    }

    public async Task<string> StateAsync(string name, params string[] states)
    {
        using var limit = new CancellationTokenSource(_patience);
        return await _application.ResourceNotifications.WaitForResourceAsync(name, states, limit.Token);
    }

    public async Task<string> ConnectionStringAsync(string name) =>
        (await Resource<IResourceWithConnectionString>(name).GetConnectionStringAsync(CancellationToken.None))!;

    public Uri Address(string name) => new(Resource<IResourceWithEndpoints>(name).GetEndpoints().First().Url);

    /// <summary>Waits until the process of a resource is another one.</summary>
    public async Task<int> NewPidAsync(string name, int old)
    {
        using var limit = new CancellationTokenSource(_patience);
        while (File.Resources[name] is not { Pid: { } pid } || pid == old)
        {
            await Task.Delay(50, limit.Token);
        }
        return File.Resources[name].Pid!.Value;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        _own?.Dispose();
    }

    private T Resource<T>(string name) =>
        (T)_application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(r => r.Name == name);
}
