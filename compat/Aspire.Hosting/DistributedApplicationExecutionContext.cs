namespace Aspire.Hosting;

/// <summary>What this AppHost was started for.</summary>
public class DistributedApplicationExecutionContext
{
    private IServiceProvider? _services;

    public DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
    {
        Operation = operation;
        PublisherName = operation == DistributedApplicationOperation.Publish ? "manifest" : "";
    }

    public DistributedApplicationOperation Operation { get; }

    public string PublisherName { get; set; }

    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

    /// <exception cref="InvalidOperationException">The application is not built yet.</exception>
    public IServiceProvider Services => _services ?? throw new InvalidOperationException("There are no services before Build() was called.");

    internal void Built(IServiceProvider services) => _services = services;
}

public enum DistributedApplicationOperation
{
    Run = 0,
    Publish = 1,
}
