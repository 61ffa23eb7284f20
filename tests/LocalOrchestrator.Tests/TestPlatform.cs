using Microsoft.Extensions.DependencyInjection;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator.Tests;

/// <summary>A model that really runs, on a data folder of its own or a given one.</summary>
internal sealed class TestPlatform : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(40);

    private readonly DistributedApplication _application;

    private TestPlatform(DistributedApplication application, string data)
    {
        _application = application;
        Data = data;
    }

    public string Data { get; }

    public Platform File => new PlatformFile(Path.Combine(Data, "platform.json")).Read()!;

    /// <summary>A folder that is deleted when the tests end.</summary>
    public static string NewDataFolder()
    {
        var folder = Directory.CreateTempSubdirectory("zoo-test-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    public static async Task<TestPlatform> StartAsync(
        Action<IDistributedApplicationBuilder> describe, string? data = null, TimeProvider? time = null, params string[] settings)
    {
        data ??= NewDataFolder();
        var builder = DistributedApplication.CreateBuilder([$"--ZOO_DATA={data}", "--Logging:LogLevel:Default=Warning", .. settings]);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        describe(builder);
        var platform = new TestPlatform(builder.Build(), data);
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

    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    private T Resource<T>(string name) =>
        (T)_application.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(r => r.Name == name);
}
