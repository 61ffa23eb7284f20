using System.Diagnostics.CodeAnalysis;
using ZooPlatform.Artifact.Owners;

namespace ZooPlatform.Artifact.Repositories;

/// <summary>A repository's name without its owner. Case is kept; unique under an owner without regard to case.</summary>
internal sealed record RepositoryName
{
    /// <summary>First path segments of the platform, and words that the inference protocol puts where a name could stand.</summary>
    private static readonly HashSet<string> s_reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "api", "connect", "oauth", "account", "oci", "datasets", "spaces", "xet", "v1", "v2", "openapi",
        "models", "infer", "ready", "config", "stats", "versions", "generate", "health", "repository", "compat", "internal", "admin",
    };

    private RepositoryName(string value) => Value = value;

    public string Value { get; }

    /// <summary>What two names that are the same have in common.</summary>
    public string Folded => Value.ToLowerInvariant();

    public override string ToString() => Value;

    public static bool TryParse(string? text, [NotNullWhen(true)] out RepositoryName? name, [NotNullWhen(false)] out string? refusal)
    {
        refusal = NameForm.Refusal(text);
        if (refusal is null && s_reserved.Contains(text!)) refusal = "is reserved";
        name = refusal is null ? new RepositoryName(text!) : null;
        return name is not null;
    }
}
