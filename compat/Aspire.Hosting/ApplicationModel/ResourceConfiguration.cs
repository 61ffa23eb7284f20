namespace Aspire.Hosting.ApplicationModel;

/// <summary>Asks a resource for what its process gets. Values are strings or <see cref="IValueProvider"/>s, not resolved yet.</summary>
internal static class ResourceConfiguration
{
    /// <summary>The variables, later ones over earlier ones, in the order they were first written.</summary>
    public static async Task<IReadOnlyDictionary<string, object>> EnvironmentAsync(IResource resource,
        DistributedApplicationExecutionContext executionContext, CancellationToken cancellationToken)
    {
        var context = new EnvironmentCallbackContext(executionContext, resource, cancellationToken: cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context);
        }

        return context.EnvironmentVariables;
    }

    public static async Task<IReadOnlyList<object>> ArgumentsAsync(IResource resource, CancellationToken cancellationToken)
    {
        var args = new List<object>();
        var context = new CommandLineArgsCallbackContext(args, resource, cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context);
        }

        return args;
    }

    /// <summary>The text a value has while the system runs; null: leave the variable or argument out.</summary>
    public static async ValueTask<string?> ValueAsync(object value, CancellationToken cancellationToken) =>
        value is IValueProvider provider ? await provider.GetValueAsync(cancellationToken) : value.ToString();

    /// <summary>The text a value has in the manifest.</summary>
    public static string Expression(object value) =>
        value is IManifestExpressionProvider provider ? provider.ValueExpression : value.ToString() ?? "";
}
