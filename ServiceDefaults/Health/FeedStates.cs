using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.ServiceDefaults.Health;

/// <summary>How far this service's replicas are behind the feeds they follow.</summary>
internal sealed class FeedStates
{
    private readonly ConcurrentDictionary<string, Behind?> _feeds = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;

    public FeedStates(TimeProvider time)
    {
        _time = time;
        Measures.Watch("zoo.feed.lag", "s", "How long a replica is behind its feed; 0 while it follows",
            () => _feeds.Keys.Select(source => new Measurement<double>(LagOf(source).TotalSeconds, KeyValuePair.Create<string, object?>("source", source))));
    }

    public IEnumerable<(string Source, TimeSpan Lag, string? Reason)> All => _feeds.Select(feed => (feed.Key, LagOf(feed.Key), feed.Value?.Reason));

    /// <summary>It was read to its end.</summary>
    public void CaughtUp(string source) => _feeds[source] = null;

    /// <summary>There is more to read, or it cannot be read.</summary>
    public void FellBehind(string source, string reason) =>
        _feeds.AddOrUpdate(source, _ => new Behind(_time.GetTimestamp(), reason), (_, known) => new Behind(known?.Since ?? _time.GetTimestamp(), reason));

    private TimeSpan LagOf(string source) => _feeds.GetValueOrDefault(source) is { } behind ? _time.GetElapsedTime(behind.Since) : TimeSpan.Zero;

    private sealed record Behind(long Since, string Reason);
}

/// <summary>Degraded while a replica is behind for longer than a restart of its source takes.</summary>
internal sealed class FeedsCheck(FeedStates feeds) : IHealthCheck
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var late = feeds.All.Where(feed => feed.Lag > s_patience).ToList();
        return Task.FromResult(late.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join(" ", late.Select(feed => string.Create(
            CultureInfo.InvariantCulture, $"Behind the feed of {feed.Source} for {feed.Lag.TotalSeconds:0} s: {feed.Reason}")))));
    }
}
