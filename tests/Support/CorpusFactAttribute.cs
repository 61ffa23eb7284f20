using Xunit;

namespace ZooPlatform.Tests.Support;

/// <summary>A test that reads the shared corpus: skipped with the reason where that is not there, required where CI=true.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CorpusFactAttribute : FactAttribute
{
    public CorpusFactAttribute() => Skip = SharedFolder.SkipReason;
}

/// <inheritdoc cref="CorpusFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CorpusTheoryAttribute : TheoryAttribute
{
    public CorpusTheoryAttribute() => Skip = SharedFolder.SkipReason;
}
