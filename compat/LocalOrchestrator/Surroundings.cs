using Aspire.Hosting.Eventing;
using ZooPlatform.LocalOrchestrator.Processes;
using ZooPlatform.LocalOrchestrator.State;

namespace ZooPlatform.LocalOrchestrator;

/// <summary>What all resources of one run share.</summary>
internal sealed record Surroundings(
    IServiceProvider Services,
    ResourceNotificationService Notifications,
    IDistributedApplicationEventing Eventing,
    Health Health,
    DataFolder Data,
    ConsoleLines Console,
    TimeProvider Time);
