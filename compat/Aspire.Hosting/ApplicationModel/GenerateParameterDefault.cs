using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A random value from a cryptographic source. The 22 characters of the default carry more than 128 bits.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    /// <summary>Characters, at least. Default 22.</summary>
    public int MinLength { get; set; } = 22;

    public bool Lower { get; set; } = true;

    public bool Upper { get; set; } = true;

    public bool Numeric { get; set; } = true;

    public bool Special { get; set; } = true;

    public int MinLower { get; set; }

    public int MinUpper { get; set; }

    public int MinNumeric { get; set; }

    public int MinSpecial { get; set; }

    /// <exception cref="InvalidOperationException">No kind of character is allowed.</exception>
    public override string GetDefaultValue()
    {
        (bool Use, int Min, string Characters)[] kinds =
        [
            (Lower, MinLower, "abcdefghijklmnopqrstuvwxyz"),
            (Upper, MinUpper, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            (Numeric, MinNumeric, "0123456789"),
            (Special, MinSpecial, "-_.{}~()*+!"),
        ];
        var used = kinds.Where(kind => kind.Use).ToArray();
        if (used.Length == 0)
        {
            throw new InvalidOperationException("A generated value needs at least one kind of character: set Lower, Upper, Numeric or Special.");
        }

        var value = used.SelectMany(kind => RandomNumberGenerator.GetItems<char>(kind.Characters, kind.Min)).ToList();
        value.AddRange(RandomNumberGenerator.GetItems<char>(string.Concat(used.Select(kind => kind.Characters)), Math.Max(0, MinLength - value.Count)));

        var shuffled = value.ToArray();
        RandomNumberGenerator.Shuffle(shuffled.AsSpan());
        return new string(shuffled);
    }
}
