namespace Aspire.Hosting.ApplicationModel;

/// <summary>Writes environment variables when the resource starts or is published; run in the order they were added.</summary>
public class EnvironmentCallbackAnnotation(Func<EnvironmentCallbackContext, Task> callback) : IResourceAnnotation
{
    public EnvironmentCallbackAnnotation(Action<EnvironmentCallbackContext> callback) : this(context =>
    {
        callback(context);
        return Task.CompletedTask;
    })
    {
    }

    public Func<EnvironmentCallbackContext, Task> Callback { get; } = callback;
}

/// <summary>What an environment callback sees. A value is a string, or an <see cref="IValueProvider"/> that is resolved later.</summary>
public class EnvironmentCallbackContext(DistributedApplicationExecutionContext executionContext, IResource resource,
    Dictionary<string, object>? environmentVariables = null, CancellationToken cancellationToken = default)
{
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    public IResource Resource { get; } = resource;

    public Dictionary<string, object> EnvironmentVariables { get; } = environmentVariables ?? [];

    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>Appends command-line arguments when the resource starts or is published.</summary>
public class CommandLineArgsCallbackAnnotation(Func<CommandLineArgsCallbackContext, Task> callback) : IResourceAnnotation
{
    public Func<CommandLineArgsCallbackContext, Task> Callback { get; } = callback;
}

/// <summary>What an argument callback sees. An argument is a string or an <see cref="IValueProvider"/>.</summary>
public sealed class CommandLineArgsCallbackContext(IList<object> args, IResource resource, CancellationToken cancellationToken = default)
{
    public IList<object> Args { get; } = args;

    public IResource Resource { get; } = resource;

    public CancellationToken CancellationToken { get; } = cancellationToken;
}

/// <summary>The resource is healthy only while the health check of this key, registered in the services, says so.</summary>
public sealed class HealthCheckAnnotation(string key) : IResourceAnnotation
{
    public string Key { get; } = key;
}

/// <summary>The resource starts only after another one came so far.</summary>
public sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    public WaitType WaitType { get; } = waitType;

    /// <summary>The exit code that <see cref="WaitType.WaitForCompletion"/> asks for.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>Null leaves it to the orchestrator.</summary>
    public WaitBehavior? WaitBehavior { get; init; }
}

/// <summary>How far the other one must have come.</summary>
public enum WaitType
{
    /// <summary>Running, healthy, and its ready handlers are done.</summary>
    WaitUntilHealthy,

    /// <summary>Exited with the expected code.</summary>
    WaitForCompletion,

    /// <summary>Running.</summary>
    WaitUntilStarted,
}

/// <summary>What to do when the other one fails.</summary>
public enum WaitBehavior
{
    WaitOnResourceUnavailable = 0,
    StopOnResourceUnavailable = 1,
}

/// <summary>How many processes of a project run. Default 1.</summary>
public class ReplicaAnnotation(int replicas = 1) : IResourceAnnotation
{
    public int Replicas { get; } = replicas;
}

/// <summary>Another resource gives the connection string in this one's place, e.g. a server that already runs.</summary>
public class ConnectionStringRedirectAnnotation(IResourceWithConnectionString resource) : IResourceAnnotation
{
    public IResourceWithConnectionString Resource { get; } = resource;
}

/// <summary>The image a container is made from.</summary>
public sealed class ContainerImageAnnotation : IResourceAnnotation
{
    /// <summary>Null leaves the choice to the container runtime.</summary>
    public string? Registry { get; set; }

    public required string Image { get; set; }

    public string? Tag { get; set; }
}

/// <summary>A folder or a named volume inside a container.</summary>
public sealed class ContainerMountAnnotation(string? source, string target, ContainerMountType type, bool isReadOnly) : IResourceAnnotation
{
    /// <summary>The volume's name, or the folder outside; null is an anonymous volume.</summary>
    public string? Source { get; } = source;

    public string Target { get; } = target;

    public ContainerMountType Type { get; } = type;

    public bool IsReadOnly { get; } = isReadOnly;
}

public enum ContainerMountType
{
    BindMount,
    Volume,
}
