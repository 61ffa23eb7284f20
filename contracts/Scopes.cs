namespace ZooPlatform.Contracts;

/// <summary>What a token lets its holder do, beside what the holder may do at all.</summary>
public static class Scopes
{
    public const string Read = "read";
    public const string Write = "write";
    public const string Infer = "infer";
    /// <summary>Organisations, members, tokens; the instance itself when the holder is an administrator.</summary>
    public const string Admin = "admin";

    /// <summary>All that a person's token may carry.</summary>
    public static IReadOnlyList<string> OfUsers { get; } = [Read, Write, Infer, Admin];

    public const string IdentitySwap = "identity.swap";
    public const string IdentityReadAll = "identity.read-all";
    /// <summary>What a subject may do now, for a service that holds something it gave the subject earlier, such as a signed address.</summary>
    public const string IdentityReadCallers = "identity.read-callers";
    public const string ArtifactReadAll = "artifact.read-all";
    public const string CatalogReadAll = "catalog.read-all";
    public const string BenchmarkReadAll = "benchmark.read-all";
}
