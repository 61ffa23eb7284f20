namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>Takes environment variables.</summary>
    public interface IResourceWithEnvironment : IResource;

    /// <summary>Takes command-line arguments.</summary>
    public interface IResourceWithArgs : IResource;

    /// <summary>Listens on endpoints.</summary>
    public interface IResourceWithEndpoints : IResource;

    /// <summary>Can wait for others before it starts.</summary>
    public interface IResourceWithWaitSupport : IResource;

    /// <summary>Runs somewhere: a process or a container.</summary>
    public interface IComputeResource : IResource;

    /// <summary>Lives inside another resource.</summary>
    public interface IResourceWithParent : IResource
    {
        IResource Parent { get; }
    }

    /// <inheritdoc cref="IResourceWithParent"/>
    public interface IResourceWithParent<out T> : IResourceWithParent where T : IResource
    {
        new T Parent { get; }

        IResource IResourceWithParent.Parent => Parent;
    }

    /// <summary>Is reached by a connection string.</summary>
    public interface IResourceWithConnectionString : IResource, IExpressionValue, IValueWithReferences
    {
        ReferenceExpression ConnectionStringExpression { get; }

        /// <summary>The variable a consumer finds the connection string in; null means <c>ConnectionStrings__name</c>.</summary>
        string? ConnectionStringEnvironmentVariable => null;

        ValueTask<string?> GetConnectionStringAsync(CancellationToken cancellationToken = default) =>
            ConnectionStringExpression.GetValueAsync(cancellationToken);

        /// <summary>The parts of the connection string by name: Host, Port, Password, ...</summary>
        IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => [];

        string IManifestExpressionProvider.ValueExpression => $"{{{Name}.connectionString}}";

        ValueTask<string?> IValueProvider.GetValueAsync(CancellationToken cancellationToken) => GetConnectionStringAsync(cancellationToken);

        IEnumerable<object> IValueWithReferences.References => [ConnectionStringExpression];
    }
}

namespace Aspire.Hosting
{
    /// <summary>Is found by its name, through <c>services__name__scheme__0</c>.</summary>
    public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;
}
