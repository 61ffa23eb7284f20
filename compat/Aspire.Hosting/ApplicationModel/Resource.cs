using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>One part of the system: a process, a container, a database, a parameter.</summary>
public interface IResource
{
    /// <summary>1 to 64 letters, digits and single hyphens, beginning with a letter; unique in the model, case ignored.</summary>
    string Name { get; }

    /// <summary>Everything that was said about the resource, in the order it was said.</summary>
    ResourceAnnotationCollection Annotations { get; }
}

/// <summary>Something said about a resource.</summary>
public interface IResourceAnnotation;

/// <summary>The annotations of one resource.</summary>
public sealed class ResourceAnnotationCollection : Collection<IResourceAnnotation>;

/// <inheritdoc cref="IResource"/>
public abstract class Resource : IResource
{
    /// <exception cref="ArgumentException">The name breaks the rule of <see cref="IResource.Name"/>.</exception>
    protected Resource(string name)
    {
        ModelName.Check(name, "resource");
        Name = name;
    }

    public string Name { get; }

    public ResourceAnnotationCollection Annotations { get; } = [];
}
