namespace Aspire.Hosting.Publishing;

/// <summary>Remembers what expressions name but the model does not hold, in the order of first reference.</summary>
internal sealed class ManifestReferences(DistributedApplicationModel model)
{
    private readonly HashSet<string> _known = model.Resources.Select(resource => resource.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Resources outside the model: generated passwords. Grows while it is written.</summary>
    public List<IResource> Resources { get; } = [];

    /// <summary>Parameters that are used percent-encoded.</summary>
    public List<ParameterResource> UriEncoded { get; } = [];

    public List<ConditionalValue> Conditions { get; } = [];

    /// <summary>The manifest's text for a value; what it refers to is remembered.</summary>
    public string TextOf(object value)
    {
        Remember(value);
        return ResourceConfiguration.Expression(value);
    }

    private void Remember(object value)
    {
        switch (value)
        {
            case IResource resource when !_known.Add(resource.Name):
                return;
            case IResource resource:
                Resources.Add(resource);
                break;
            case UriEncodedValue { Inner: ParameterResource parameter } when !UriEncoded.Contains(parameter):
                UriEncoded.Add(parameter);
                break;
            case ConditionalValue condition when Conditions.All(other => other.Name != condition.Name):
                Conditions.Add(condition);
                break;
        }

        foreach (var inner in (value as IValueWithReferences)?.References ?? [])
        {
            Remember(inner);
        }
    }
}
