namespace Aspire.Hosting;

/// <summary>Adds other programs.</summary>
public static class ExecutableResourceBuilderExtensions
{
    /// <param name="builder">The description.</param>
    /// <param name="name">The resource's name.</param>
    /// <param name="command">A path, or a name that the search path finds.</param>
    /// <param name="workingDirectory">Absolute, or relative to the AppHost.</param>
    /// <param name="args">The arguments.</param>
    public static IResourceBuilder<ExecutableResource> AddExecutable(this IDistributedApplicationBuilder builder, string name, string command,
        string workingDirectory, params string[]? args) =>
        builder.AddResource(new ExecutableResource(name, command, Path.GetFullPath(workingDirectory, builder.AppHostDirectory)))
            .WithArgs(args ?? []);
}
