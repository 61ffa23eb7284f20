using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace ZooPlatform.ServiceDefaults.Telemetry;

/// <summary>Lines on the console for people, JSON in the data folder for programs; traces, metrics and logs to an OTLP collector
/// when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one (HTTP).</summary>
internal static class Telemetry
{
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var service = builder.Environment.ApplicationName.Split('.')[^1].ToLowerInvariant();
        builder.Logging.AddConsole(console => console.FormatterName = ConsoleLines.FormatName).AddConsoleFormatter<ConsoleLines, ConsoleFormatterOptions>();
        if (builder.Configuration["Platform:DataFolder"] is { Length: > 0 } data)
            builder.Services.AddSingleton<ILoggerProvider>(services =>
                new JsonLogFile(Path.Combine(data, "logs"), service, services.GetRequiredService<TimeProvider>()));

        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not { Length: > 0 } endpoint) return;
        var resource = ResourceBuilder.CreateDefault().AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? service);
        var collector = new Uri(endpoint.TrimEnd('/') + "/");
        builder.Logging.AddOpenTelemetry(options =>
        {
            options.SetResourceBuilder(resource);
            options.IncludeFormattedMessage = true;
            options.AddOtlpExporter(exporter => Otlp(exporter, collector, "v1/logs"));
        });
        builder.Services.AddSingleton(_ => Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).SetSampler(new CausedOnly())
            .AddSource("Microsoft.AspNetCore", "System.Net.Http", "Npgsql", "Yarp.ReverseProxy", Spans.SourceName)
            .AddOtlpExporter(exporter => Otlp(exporter, collector, "v1/traces")).Build());
        builder.Services.AddSingleton(_ => Sdk.CreateMeterProviderBuilder().SetResourceBuilder(resource)
            .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Net.Http", "System.Runtime", "Npgsql", Measures.MeterName)
            .AddOtlpExporter(exporter => Otlp(exporter, collector, "v1/metrics")).Build());
        builder.Services.AddHostedService<TelemetryLifetime>();
    }

    private static void Otlp(OtlpExporterOptions options, Uri collector, string path)
    {
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = new Uri(collector, path);
    }

    /// <summary>Makes the providers before the first request and flushes them at the end.</summary>
    private sealed class TelemetryLifetime(TracerProvider traces, MeterProvider metrics) : IHostedService
    {
        public Task StartAsync(CancellationToken ct) => Task.CompletedTask;

        public Task StopAsync(CancellationToken ct)
        {
            traces.ForceFlush(2000);
            metrics.ForceFlush(2000);
            return Task.CompletedTask;
        }
    }
}
