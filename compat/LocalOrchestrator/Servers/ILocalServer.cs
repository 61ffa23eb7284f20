using ZooPlatform.LocalOrchestrator.Processes;

namespace ZooPlatform.LocalOrchestrator.Servers;

/// <summary>A server that Aspire would run as a container, run from a program of this machine.</summary>
internal interface ILocalServer
{
    /// <summary>
    /// Makes the server's folder ready (first start, leftovers of a killed run) and says how to start it. Safe to repeat.
    /// </summary>
    /// <exception cref="DistributedApplicationException">Something is missing; the message says what to install or set.</exception>
    Task<Launch> PrepareAsync(CancellationToken ct);
}
