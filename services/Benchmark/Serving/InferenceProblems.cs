using ZooPlatform.Contracts;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>What is refused around the protocol's routes (no token, a bug, an outage) looks as it does in them.</summary>
internal sealed class InferenceProblems : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => context.HttpContext.Request.Path.StartsWithSegments("/v2");

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var response = context.HttpContext.Response;
        response.StatusCode = context.ProblemDetails.Status ?? response.StatusCode;
        var error = context.ProblemDetails.Detail ?? context.ProblemDetails.Title ?? "The request was refused.";
        return new ValueTask(response.WriteAsJsonAsync(new { error }, ZooJson.Options, "application/json", context.HttpContext.RequestAborted));
    }
}
