namespace Aspire.Hosting;

/// <summary>
/// Brings a described system to life. <see cref="DistributedApplication"/> knows no implementation: it loads the one named
/// <see cref="TypeName"/>, so that references stay acyclic.
/// </summary>
/// <remarks>
/// The implementation:
/// 1. gives every <see cref="EndpointAnnotation"/> its <see cref="EndpointAnnotation.AllocatedEndpoint"/>;
/// 2. before the first value is asked for, writes kept values of generated parameters to the configuration
///    (<c>Parameters:name</c>), and lets <see cref="ConnectionStringRedirectAnnotation"/> replace servers that already run;
/// 3. starts each resource after its <see cref="WaitAnnotation"/>s are met, with what <see cref="ResourceConfiguration"/> says;
/// 4. runs the health checks of its <see cref="HealthCheckAnnotation"/>s (registered in the services under these keys), publishes
///    state and reports through <see cref="ResourceNotificationService"/>, and once a resource is healthy publishes
///    <see cref="ResourceReadyEvent"/> through <see cref="Eventing.IDistributedApplicationEventing"/>: databases are created by its handler.
/// </remarks>
internal interface IApplicationOrchestrator
{
    /// <summary>Assembly-qualified; needs a constructor without parameters.</summary>
    const string TypeName = "ZooPlatform.LocalOrchestrator.Orchestrator, ZooPlatform.LocalOrchestrator";

    /// <summary>Returns when everything was started; does not wait for health.</summary>
    Task StartAsync(DistributedApplicationModel model, IServiceProvider services, CancellationToken ct);

    Task StopAsync(CancellationToken ct);
}
