namespace Aspire.Hosting.ApplicationModel;

/// <summary>A .NET project of this repository; <see cref="IProjectMetadata"/> among its annotations says which.</summary>
public class ProjectResource(string name) : Resource(name), IResourceWithEnvironment, IResourceWithArgs, IResourceWithServiceDiscovery,
    IResourceWithWaitSupport, IComputeResource;

/// <summary>Any other program.</summary>
public class ExecutableResource(string name, string command, string workingDirectory) : Resource(name), IResourceWithEnvironment,
    IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
{
    public string Command { get; } = command;

    /// <summary>Absolute.</summary>
    public string WorkingDirectory { get; } = workingDirectory;
}

/// <summary>A program that is published as a container; <see cref="ContainerImageAnnotation"/> says from which image.</summary>
public class ContainerResource(string name, string? entrypoint = null) : Resource(name), IResourceWithEnvironment, IResourceWithArgs,
    IResourceWithEndpoints, IResourceWithWaitSupport, IComputeResource
{
    /// <summary>Replaces the image's own program; null keeps it.</summary>
    public string? Entrypoint { get; set; } = entrypoint;
}
