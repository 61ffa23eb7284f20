namespace Aspire.Hosting;

/// <summary>Adds programs that are published as containers.</summary>
public static class ContainerResourceBuilderExtensions
{
    public static IResourceBuilder<ContainerResource> AddContainer(this IDistributedApplicationBuilder builder, string name, string image) =>
        builder.AddContainer(name, image, "latest");

    public static IResourceBuilder<ContainerResource> AddContainer(this IDistributedApplicationBuilder builder, string name, string image, string tag) =>
        builder.AddResource(new ContainerResource(name)).WithImage(image, tag);

    public static IResourceBuilder<T> WithImage<T>(this IResourceBuilder<T> builder, string image, string? tag = null) where T : ContainerResource =>
        builder.WithAnnotation(new ContainerImageAnnotation { Image = image, Tag = tag }, ResourceAnnotationMutationBehavior.Replace);

    public static IResourceBuilder<T> WithImageTag<T>(this IResourceBuilder<T> builder, string tag) where T : ContainerResource
    {
        Image(builder).Tag = tag;
        return builder;
    }

    /// <summary>Null leaves the choice of a registry to the container runtime.</summary>
    public static IResourceBuilder<T> WithImageRegistry<T>(this IResourceBuilder<T> builder, string? registry) where T : ContainerResource
    {
        Image(builder).Registry = registry;
        return builder;
    }

    public static IResourceBuilder<T> WithEntrypoint<T>(this IResourceBuilder<T> builder, string entrypoint) where T : ContainerResource
    {
        builder.Resource.Entrypoint = entrypoint;
        return builder;
    }

    /// <summary>A volume; a null name makes it anonymous.</summary>
    public static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string? name, string target, bool isReadOnly = false)
        where T : ContainerResource =>
        builder.WithAnnotation(new ContainerMountAnnotation(name, target, ContainerMountType.Volume, isReadOnly));

    /// <summary>A folder of the machine; relative to the AppHost.</summary>
    public static IResourceBuilder<T> WithBindMount<T>(this IResourceBuilder<T> builder, string source, string target, bool isReadOnly = false)
        where T : ContainerResource =>
        builder.WithAnnotation(new ContainerMountAnnotation(
            Path.GetFullPath(source, builder.ApplicationBuilder.AppHostDirectory), target, ContainerMountType.BindMount, isReadOnly));

    private static ContainerImageAnnotation Image<T>(IResourceBuilder<T> builder) where T : ContainerResource =>
        builder.Resource.TryGetLastAnnotation<ContainerImageAnnotation>(out var image) ? image : throw new InvalidOperationException(
            $"'{builder.Resource.Name}' has no image yet. Call WithImage first.");
}
