using System.Diagnostics.CodeAnalysis;
using ZooPlatform.Artifact.Owners;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>The name of a branch, tag or alias. Never 40 hexadecimal digits: that is a revision's id; never digits alone: that is its number.</summary>
internal sealed record RefName
{
    private RefName(string value) => Value = value;

    public string Value { get; }

    public override string ToString() => Value;

    public static bool TryParse(string? text, [NotNullWhen(true)] out RefName? name, [NotNullWhen(false)] out string? refusal)
    {
        refusal = NameForm.Refusal(text);
        if (refusal is null && GitIds.IsId(text!.ToLowerInvariant())) refusal = "looks like a revision's id";
        if (refusal is null && text!.All(char.IsAsciiDigit)) refusal = "looks like a revision's number";
        if (refusal is null && text!.Equals("HEAD", StringComparison.OrdinalIgnoreCase)) refusal = "is git's own name for the current branch";
        name = refusal is null ? new RefName(text!) : null;
        return name is not null;
    }
}
