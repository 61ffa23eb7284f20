namespace ZooPlatform.Formats.Tensors;

/// <summary>How far a computed tensor is from the expected one.</summary>
/// <param name="Elements">Number of elements compared.</param>
/// <param name="Mismatches">Elements with |found - expected| &gt; atol + rtol * |expected|; NaN only matches NaN, an infinity only itself.</param>
/// <param name="MaxAbsoluteDifference">Over the elements where both are finite.</param>
/// <param name="MaxRelativeDifference">|found - expected| / |expected| over the elements where both are finite and expected is not 0.</param>
/// <param name="Difference">Why the tensors cannot be compared element by element (type or shape differ); null when they were.</param>
public sealed record TensorComparison(
    long Elements, long Mismatches, double MaxAbsoluteDifference, double MaxRelativeDifference, string? Difference)
{
    public bool Matches => Difference is null && Mismatches == 0;

    /// <param name="relativeTolerance">rtol, at least 0.</param>
    /// <param name="absoluteTolerance">atol, at least 0.</param>
    public static TensorComparison Compare(Tensor expected, Tensor found, double relativeTolerance, double absoluteTolerance)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(found);
        if (expected.Type != found.Type || !expected.Shape.SequenceEqual(found.Shape))
        {
            return new TensorComparison(0, 0, 0, 0, $"expected {expected}, found {found}");
        }
        return expected.Type.IsNumeric() ? CompareNumbers(expected, found, relativeTolerance, absoluteTolerance) : CompareExactly(expected, found);
    }

    private static TensorComparison CompareNumbers(Tensor expected, Tensor found, double rtol, double atol)
    {
        var (mismatches, maxAbsolute, maxRelative) = (0L, 0d, 0d);
        for (var i = 0; i < expected.Length; i++)
        {
            var (want, got) = (expected.At(i), found.At(i));
            if (!double.IsFinite(want) || !double.IsFinite(got))
            {
                if (!want.Equals(got)) mismatches++;
                continue;
            }
            var difference = Math.Abs(got - want);
            if (difference > atol + (rtol * Math.Abs(want))) mismatches++;
            maxAbsolute = Math.Max(maxAbsolute, difference);
            if (want != 0) maxRelative = Math.Max(maxRelative, difference / Math.Abs(want));
        }
        return new TensorComparison(expected.Length, mismatches, maxAbsolute, maxRelative, null);
    }

    private static TensorComparison CompareExactly(Tensor expected, Tensor found)
    {
        var mismatches = expected.Type == ElementType.String
            ? expected.Strings.Zip(found.Strings).LongCount(pair => !pair.First.AsSpan().SequenceEqual(pair.Second))
            : expected.Data.Span.SequenceEqual(found.Data.Span) ? 0 : expected.Length;
        return new TensorComparison(expected.Length, mismatches, 0, 0, null);
    }
}
