namespace Aspire.Hosting.Testing;

/// <summary>A system as its AppHost described it, which a test may still change before it builds it.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Builds the system. It stops when it is disposed.</summary>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
