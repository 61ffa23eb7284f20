using System.Globalization;

namespace ZooPlatform.Measure.Infer;

/// <summary>One request: what the client saw, and what of it the service says it spent, each with what is inside of it, in milliseconds.</summary>
internal readonly record struct Timing(double ClientMs, double RunMs, double WorkerMs, double ServiceMs)
{
    /// <param name="serverTiming"><c>run;dur=0.05, worker;dur=0.1, service;dur=0.3</c>.</param>
    public static Timing Of(double clientMs, string serverTiming)
    {
        var parts = serverTiming.Split(", ").ToDictionary(part => part.Split(';')[0], part => double.Parse(part.Split("dur=")[1], CultureInfo.InvariantCulture));
        return new Timing(clientMs, parts["run"], parts["worker"], parts["service"]);
    }
}
