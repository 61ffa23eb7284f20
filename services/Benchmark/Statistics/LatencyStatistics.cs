using ZooPlatform.Contracts.Benchmark;

namespace ZooPlatform.Benchmark.Statistics;

/// <summary>Computes what a run's view tells from its kept raw samples.</summary>
internal static class LatencyStatistics
{
    private const double NsPerMs = 1e6;
    private const double NsPerSecond = 1e9;

    /// <param name="latenciesNs">One counted call each, in nanoseconds, in any order.</param>
    /// <exception cref="ArgumentException">There are no samples.</exception>
    public static LatencyView Summarise(IReadOnlyCollection<long> latenciesNs)
    {
        var sorted = Sorted(latenciesNs.Select(ns => (double)ns));
        return new LatencyView(
            sorted.Length,
            MinMs: sorted[0] / NsPerMs,
            MeanMs: sorted.Average() / NsPerMs,
            P50Ms: Quantile(sorted, 0.50) / NsPerMs,
            P90Ms: Quantile(sorted, 0.90) / NsPerMs,
            P95Ms: Quantile(sorted, 0.95) / NsPerMs,
            P99Ms: Quantile(sorted, 0.99) / NsPerMs,
            MaxMs: sorted[^1] / NsPerMs,
            MedianAbsoluteDeviationMs: MedianAbsoluteDeviation(sorted) / NsPerMs);
    }

    /// <summary>Counted calls by the sum of their times: what one caller that never waits would get.</summary>
    /// <exception cref="ArgumentException">There are no samples.</exception>
    public static double ThroughputPerSecond(IReadOnlyCollection<long> latenciesNs) =>
        latenciesNs.Count == 0 ? throw NoSamples() : latenciesNs.Count / (Math.Max(1, latenciesNs.Sum(ns => (double)ns)) / NsPerSecond);

    /// <summary>The value below which a share <paramref name="p"/> (0 to 1) of the samples lies, interpolated linearly.</summary>
    /// <param name="sorted">Ascending.</param>
    /// <exception cref="ArgumentException">There are no samples.</exception>
    /// <remarks>Definition 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages (1996); what R and NumPy do by default.</remarks>
    internal static double Quantile(double[] sorted, double p)
    {
        if (sorted.Length == 0)
        {
            throw NoSamples();
        }

        var position = (sorted.Length - 1) * p;
        var below = (int)Math.Floor(position);
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }

    /// <summary>Median of the distances to the median.</summary>
    /// <param name="sorted">Ascending.</param>
    /// <exception cref="ArgumentException">There are no samples.</exception>
    /// <remarks>Unscaled; times 1.4826 estimates sigma (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993).</remarks>
    internal static double MedianAbsoluteDeviation(double[] sorted)
    {
        var median = Quantile(sorted, 0.5);
        return Quantile(Sorted(sorted.Select(value => Math.Abs(value - median))), 0.5);
    }

    private static double[] Sorted(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? throw NoSamples() : sorted;
    }

    private static ArgumentException NoSamples() => new("There are no samples.");
}
