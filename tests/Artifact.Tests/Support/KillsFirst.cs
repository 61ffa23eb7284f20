using Xunit.Abstractions;

[assembly: TestCollectionOrderer("ZooPlatform.Artifact.Tests.Support.KillsFirst", "ZooPlatform.Artifact.Tests")]

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>What takes longest begins first: begun last, it would run alone when all others are done.</summary>
public sealed class KillsFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderByDescending(collection => collection.DisplayName.Contains(".Kill", StringComparison.Ordinal));
}
