using ZooPlatform.Benchmark.Statistics;

namespace ZooPlatform.Benchmark.Tests;

public sealed class StatisticsTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void Percentiles_are_interpolated_as_NumPy_does_it()
    {
        // numpy.percentile([1..10], [50, 90, 95, 99]) = 5.5, 9.1, 9.55, 9.91
        var view = LatencyStatistics.Summarise([.. Enumerable.Range(1, 10).Reverse().Select(ms => ms * Ms)]);

        Assert.Equal(10, view.Samples);
        Assert.Equal(1, view.MinMs);
        Assert.Equal(10, view.MaxMs);
        Assert.Equal(5.5, view.MeanMs, 9);
        Assert.Equal(5.5, view.P50Ms, 9);
        Assert.Equal(9.1, view.P90Ms, 9);
        Assert.Equal(9.55, view.P95Ms, 9);
        Assert.Equal(9.91, view.P99Ms, 9);
    }

    [Fact]
    public void The_median_absolute_deviation_is_the_median_distance_to_the_median()
    {
        var view = LatencyStatistics.Summarise([1 * Ms, 1 * Ms, 2 * Ms, 2 * Ms, 4 * Ms, 6 * Ms, 9 * Ms]);

        Assert.Equal(1, view.MedianAbsoluteDeviationMs, 9);
    }

    [Fact]
    public void One_sample_is_every_percentile()
    {
        var view = LatencyStatistics.Summarise([7 * Ms]);

        Assert.Equal((7d, 7d, 7d, 0d), (view.P50Ms, view.P99Ms, view.MeanMs, view.MedianAbsoluteDeviationMs));
    }

    [Fact]
    public void Throughput_is_calls_by_the_time_they_took() =>
        Assert.Equal(250, LatencyStatistics.ThroughputPerSecond([2 * Ms, 4 * Ms, 6 * Ms]), 9);

    [Fact]
    public void No_samples_are_refused() => Assert.Throws<ArgumentException>(() => LatencyStatistics.Summarise([]));
}
