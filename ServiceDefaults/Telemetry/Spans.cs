using System.Diagnostics;
using OpenTelemetry.Trace;

namespace ZooPlatform.ServiceDefaults.Telemetry;

/// <summary>Spans that the framework does not make by itself: work that no request waits for.</summary>
public static class Spans
{
    internal const string SourceName = "ZooPlatform";
    private static readonly ActivitySource s_source = new(SourceName);

    /// <summary>A job that begins a trace of its own: <c>read revision</c>. Dispose it at the job's end; null when nobody listens.</summary>
    /// <param name="cause">The <c>traceparent</c> of what queued it, to link to.</param>
    public static Activity? Job(string name, string? cause = null) => s_source.StartActivity(
        name, ActivityKind.Consumer, default(ActivityContext), links: ActivityContext.TryParse(cause, null, out var context) ? [new ActivityLink(context)] : null);

    /// <summary>A step inside the current trace that is no call the framework sees: a worker's answer.</summary>
    public static Activity? Step(string name) => s_source.StartActivity(name, ActivityKind.Client);

    /// <summary>Says that it broke.</summary>
    public static void Broke(this Activity? span, string reason) => span?.SetStatus(ActivityStatusCode.Error, LogText.Of(reason));

    /// <summary>What caused what is done now, for a later job to link to; null outside any trace.</summary>
    public static string? Cause => Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Id : null;
}

/// <summary>Asking "is there something to do" every few seconds is no trace: a client's span that nothing caused is left out.</summary>
internal sealed class CausedOnly : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var parent = samplingParameters.ParentContext;
        var wanted = parent.TraceId == default ? samplingParameters.Kind != ActivityKind.Client : parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
        return new SamplingResult(wanted ? SamplingDecision.RecordAndSample : SamplingDecision.Drop);
    }
}
