using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Run mode: hands the model to the orchestrator, found by name beside the AppHost. Disposing stops what runs.</summary>
internal sealed class OrchestratedRun(DistributedApplicationModel model, IServiceProvider services) : IHostedService, IAsyncDisposable, IDisposable
{
    private IApplicationOrchestrator? _orchestrator;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        var type = Type.GetType(IApplicationOrchestrator.TypeName, throwOnError: false) ?? throw new DistributedApplicationException(
            $"Nothing here can run the system: '{IApplicationOrchestrator.TypeName}' was not found. Build the AppHost, which brings it along.");
        _orchestrator = (IApplicationOrchestrator)Activator.CreateInstance(type)!;
        return _orchestrator.StartAsync(model, services, cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _orchestrator, null) is { } running)
        {
            await running.StopAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    public void Dispose() => StopAsync(CancellationToken.None).GetAwaiter().GetResult();
}
