using ZooPlatform.Search.Indexing;

namespace ZooPlatform.Search.Names;

/// <summary>What of a name (or of what somebody typed for one) is compared with another.</summary>
/// <remarks>
/// Likeness is 0.4 times the share of trigrams that the words have in common (Jaccard) plus 0.6 times that of the bigrams of the glued
/// name (Dice): the first sees words, the second what was glued, split or mistyped in its first letter. A name that begins with what
/// was typed has 0.6, and up to 1.0 as there is less of it left; 0.03 more when it does so letter by letter, 0.02 more in the
/// same case. Weights are those that found most in `./zoo measure search`.
/// </remarks>
internal sealed class NameForm
{
    public const double BestLikeness = 1.05;

    public NameForm(string text)
    {
        Text = text.Trim();
        Glued = NameForms.Glued(Text);
        var features = new HashSet<ulong>();
        foreach (var word in NameForms.Words(Text).ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var padded = $"  {word} ";
            for (var at = 0; at + 2 < padded.Length; at++) features.Add(((ulong)padded[at] << 32) | ((ulong)padded[at + 1] << 16) | padded[at + 2]);
        }
        Trigrams = features.Count;
        // A bigram that comes twice counts twice: the second one is a feature of its own.
        var framed = $"^{Glued}$";
        for (var at = 0; at + 1 < framed.Length; at++)
        {
            var bigram = Bigram | ((ulong)framed[at] << 16) | framed[at + 1];
            while (!features.Add(bigram)) bigram += 1UL << 32;
        }
        Features = [.. features];
    }

    /// <summary>This bit tells bigrams from trigrams.</summary>
    public const ulong Bigram = 1UL << 63;

    public string Text { get; }

    /// <summary>Letters and digits alone, small.</summary>
    public string Glued { get; }

    /// <summary>Trigrams of the words and bigrams of the glued name.</summary>
    public IReadOnlyList<ulong> Features { get; }
    public int Trigrams { get; }
    public int Bigrams => Features.Count - Trigrams;

    /// <summary>How like this is to a name: 0 to <see cref="BestLikeness"/>.</summary>
    public double LikenessTo(NameForm name)
    {
        var shared = Features.Intersect(name.Features).ToList();
        var bigrams = shared.Count(feature => feature >= Bigram);
        return Math.Max(OfShared(shared.Count - bigrams, bigrams, name.Trigrams, name.Bigrams), OfBeginning(name.Text, name.Glued));
    }

    public double OfShared(int trigrams, int bigrams, int ofTrigrams, int ofBigrams) =>
        (0.4 * trigrams / Math.Max(1, Trigrams + ofTrigrams - trigrams)) + (0.6 * 2 * bigrams / (Bigrams + ofBigrams));

    /// <summary>0 unless the name begins with this.</summary>
    public double OfBeginning(string text, string glued) =>
        Glued.Length == 0 || !glued.StartsWith(Glued, StringComparison.Ordinal) ? 0
        : 0.6 + (0.4 * Glued.Length / glued.Length)
            + (text.StartsWith(Text, StringComparison.OrdinalIgnoreCase) ? 0.03 : 0)
            + (text.StartsWith(Text, StringComparison.Ordinal) ? 0.02 : 0);
}
