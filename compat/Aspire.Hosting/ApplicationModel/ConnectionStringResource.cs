using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting
{
    /// <summary>A connection string put together from other resources.</summary>
    public sealed class ConnectionStringResource(string name, ReferenceExpression connectionStringExpression)
        : Resource(name), IResourceWithConnectionString, IResourceWithWaitSupport
    {
        public ReferenceExpression ConnectionStringExpression { get; } = connectionStringExpression;
    }
}

namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A connection string the operator gives: a parameter that can be referenced like a server.</summary>
    internal sealed class ParameterConnectionString(ParameterResource parameter, string? environmentVariable) : IResourceWithConnectionString
    {
        public string Name => parameter.Name;

        public ResourceAnnotationCollection Annotations => parameter.Annotations;

        public string? ConnectionStringEnvironmentVariable => environmentVariable;

        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{parameter}");

        IEnumerable<object> IValueWithReferences.References => [parameter];
    }
}
