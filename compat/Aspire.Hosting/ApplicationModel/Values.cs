namespace Aspire.Hosting.ApplicationModel;

/// <summary>Gives its text when the system runs. Asked late: endpoints are allocated by then.</summary>
public interface IValueProvider
{
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);
}

/// <summary>Gives its text for the manifest, e.g. <c>{redis.bindings.tcp.host}</c>.</summary>
public interface IManifestExpressionProvider
{
    string ValueExpression { get; }
}

/// <summary>Has both texts.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;

/// <summary>Is made of other values; the manifest writes the resources among them.</summary>
public interface IValueWithReferences
{
    IEnumerable<object> References { get; }
}
