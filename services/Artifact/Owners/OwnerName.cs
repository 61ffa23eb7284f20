using System.Diagnostics.CodeAnalysis;

namespace ZooPlatform.Artifact.Owners;

/// <summary>The name of a user or organisation as it stands in a path. Identity decides which names may be taken;
/// here it only has to have a name's form.</summary>
internal sealed record OwnerName
{
    private OwnerName(string value) => Value = value;

    public string Value { get; }

    public override string ToString() => Value;

    public static bool TryParse(string? text, [NotNullWhen(true)] out OwnerName? name)
    {
        name = NameForm.Refusal(text) is null ? new OwnerName(text!) : null;
        return name is not null;
    }
}
