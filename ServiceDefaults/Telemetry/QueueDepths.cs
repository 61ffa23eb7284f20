using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace ZooPlatform.ServiceDefaults.Telemetry;

public static class QueueDepths
{
    /// <summary>Measures how many jobs wait, as <c>zoo.queue.depth</c>, while a collector takes metrics; else does nothing.</summary>
    /// <param name="queue">Its name: <c>inspections</c>.</param>
    /// <param name="countSql">A statement that answers one number, quickly.</param>
    public static IHostApplicationBuilder AddQueueDepth(this IHostApplicationBuilder builder, string queue, string countSql)
    {
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
            builder.Services.AddSingleton<IHostedService>(services =>
                new CountJobs(queue, countSql, services.GetRequiredService<NpgsqlDataSource>(), services.GetRequiredService<TimeProvider>()));
        return builder;
    }

    private static readonly ConcurrentDictionary<string, double> s_depths = new(StringComparer.Ordinal);
    private static readonly Lazy<bool> s_watched = new(() =>
    {
        Measures.Watch("zoo.queue.depth", "{job}", "Jobs that wait, by queue", () => s_depths.Select(depth =>
            new Measurement<double>(depth.Value, KeyValuePair.Create<string, object?>("queue", depth.Key))));
        return true;
    });

    private sealed class CountJobs(string queue, string countSql, NpgsqlDataSource source, TimeProvider time) : BackgroundService
    {
        private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            _ = s_watched.Value;
            while (!stoppingToken.IsCancellationRequested)
            {
                try
                {
                    await using var count = source.CreateCommand(countSql);
                    s_depths[queue] = Convert.ToDouble(await count.ExecuteScalarAsync(stoppingToken), System.Globalization.CultureInfo.InvariantCulture);
                }
                catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException && !stoppingToken.IsCancellationRequested)
                {
                    s_depths.TryRemove(queue, out _);   // unknown is no number
                }
                await Task.Delay(s_pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
