using Aspire.Hosting.Eventing;

namespace Aspire.Hosting;

/// <summary>Handlers for what happens to a resource.</summary>
public static class DistributedApplicationEventingExtensions
{
    public static IResourceBuilder<T> OnResourceReady<T>(this IResourceBuilder<T> builder, Func<T, ResourceReadyEvent, CancellationToken, Task> callback)
        where T : IResource
    {
        builder.ApplicationBuilder.Eventing.Subscribe<ResourceReadyEvent>(builder.Resource,
            (ready, cancellationToken) => callback(builder.Resource, ready, cancellationToken));
        return builder;
    }
}
