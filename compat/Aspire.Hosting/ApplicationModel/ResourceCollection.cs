using System.Collections.ObjectModel;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The resources of the model in the order they were added.</summary>
public interface IResourceCollection : IList<IResource>;

internal sealed class ResourceCollection : Collection<IResource>, IResourceCollection
{
    /// <exception cref="DistributedApplicationException">The name is taken.</exception>
    protected override void InsertItem(int index, IResource item)
    {
        if (this.FirstOrDefault(other => other.Name.Equals(item.Name, StringComparison.OrdinalIgnoreCase)) is { } taken)
        {
            throw new DistributedApplicationException(
                $"There is a resource '{taken.Name}' already ({taken.GetType().Name}). Names are unique, case ignored: call this {item.GetType().Name} something else.");
        }

        base.InsertItem(index, item);
    }
}

/// <summary>The whole system as it was described.</summary>
public class DistributedApplicationModel(IResourceCollection resources)
{
    public IResourceCollection Resources { get; } = resources;
}
