namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>Starts only when the other one runs, is healthy and its ready handlers are done; for a database also its server.</summary>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency) where T : IResourceWithWaitSupport =>
        Wait(builder, dependency, WaitType.WaitUntilHealthy);

    /// <inheritdoc cref="WaitFor{T}(IResourceBuilder{T}, IResourceBuilder{IResource})"/>
    public static IResourceBuilder<T> WaitFor<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitBehavior waitBehavior)
        where T : IResourceWithWaitSupport => Wait(builder, dependency, WaitType.WaitUntilHealthy, waitBehavior);

    /// <summary>Starts only when the other one runs, healthy or not.</summary>
    public static IResourceBuilder<T> WaitForStart<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency)
        where T : IResourceWithWaitSupport => Wait(builder, dependency, WaitType.WaitUntilStarted);

    /// <summary>Starts only when the other one has ended with an exit code.</summary>
    public static IResourceBuilder<T> WaitForCompletion<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, int exitCode = 0)
        where T : IResourceWithWaitSupport => Wait(builder, dependency, WaitType.WaitForCompletion, exitCode: exitCode);

    private static IResourceBuilder<T> Wait<T>(IResourceBuilder<T> builder, IResourceBuilder<IResource> dependency, WaitType type,
        WaitBehavior? behavior = null, int exitCode = 0)
        where T : IResourceWithWaitSupport
    {
        var resource = dependency.Resource;
        if (ReferenceEquals(resource, builder.Resource) || (builder.Resource as IResourceWithParent)?.Parent == resource)
        {
            throw new DistributedApplicationException($"'{builder.Resource.Name}' cannot wait for itself or its own parent.");
        }

        if (type != WaitType.WaitForCompletion && resource is IResourceWithParent { Parent: { } parent })
        {
            builder.WithAnnotation(new WaitAnnotation(parent, type) { WaitBehavior = behavior });
        }

        return builder.WithAnnotation(new WaitAnnotation(resource, type, exitCode) { WaitBehavior = behavior });
    }
}
