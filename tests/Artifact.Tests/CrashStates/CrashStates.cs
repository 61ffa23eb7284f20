namespace ZooPlatform.Artifact.Tests.CrashStates;

/// <summary>What a crash may keep of changes that were not durable: each of them, or not.</summary>
internal static class CrashStates
{
    /// <summary>Every subset while there are few changes; else none, all, each alone, all but each, and some at random.</summary>
    /// <param name="few">Up to so many changes, every subset.</param>
    /// <param name="atRandom">So many else.</param>
    public static IEnumerable<HashSet<Change>> Of(IReadOnlyList<Change> changes, int few, int atRandom)
    {
        if (changes.Count <= few)
        {
            for (var bits = 0; bits < 1 << changes.Count; bits++) yield return [.. changes.Where((_, i) => (bits >> i & 1) != 0)];
            yield break;
        }
        yield return [];
        yield return [.. changes];
        foreach (var one in changes) yield return [one];
        foreach (var one in changes) yield return [.. changes.Where(change => change != one)];
        var random = new Random(changes.Count);
        for (var i = 0; i < atRandom; i++) yield return AtRandom(changes, random);
    }

    public static HashSet<Change> AtRandom(IReadOnlyList<Change> changes, Random random)
    {
        var share = random.NextDouble();
        return [.. changes.Where(_ => random.NextDouble() < share)];
    }
}
