using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Telemetry;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>Answers one inference:
/// 1. which file of which revision; 2. may the caller; 3. read the body; 4. a loaded model, whose inputs it fits; 5. run; 6. answer.
/// What each part took stands in the answer's <c>Server-Timing</c>.</summary>
internal sealed class Infer(FindModelFile find, Deployments deployments, IOptions<BenchmarkOptions> options)
{
    private readonly MemoryBudget _budget = new(options.Value.InferenceMemoryBytes);

    /// <returns>A refusal; null: it was answered.</returns>
    public async Task<IResult?> RunAsync(InferencePath path, HttpContext context, CancellationToken ct)
    {
        var started = Stopwatch.GetTimestamp();
        var caller = context.GetCaller();

        // 1.
        var outcome = await find.RunAsync(caller, path.Repository, path.Version, file: null, ct);
        if (outcome is not FileOutcome.Found found)
        {
            return InferenceErrors.Of(outcome);
        }

        // 2.
        if (MayNot(caller, context) is { } refusal)
        {
            return refusal;
        }

        try
        {
            // 3.
            var most = options.Value.MaxInferenceBytes;
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = most + 1;
            using var body = await InferenceBody.ReadAsync(context.Request, most, _budget, ct);
            using var request = InferenceRequest.Read(body.Memory, HeaderOf(context.Request), most, _budget);

            // 4.
            var served = await deployments.LoadedAsync(found, caller.Subject, ct);
            request.Fit(served.Description!);

            // 5.
            var asked = Stopwatch.GetTimestamp();
            using var span = Spans.Step("infer in worker");
            using var inference = await served.InferAsync(request.Inputs, [.. request.Outputs.Select(output => output.Name)], ct);
            var answered = Stopwatch.GetTimestamp();
            span?.Stop();
            Measures.Inference(Stopwatch.GetElapsedTime(asked, answered), succeeded: true);

            // 6.
            context.Response.OnStarting(() =>
            {
                context.Response.Headers["Server-Timing"] = string.Create(CultureInfo.InvariantCulture,
                    $"run;dur={inference.RunNs / 1e6:0.###}, worker;dur={Stopwatch.GetElapsedTime(asked, answered).TotalMilliseconds:0.###}, service;dur={Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.###}");
                return Task.CompletedTask;
            });
            await InferenceResponse.WriteAsync(context.Response, path.Repository, path.Version ?? found.Revision, request, inference, _budget, ct);
            return null;
        }
        catch (Exception e) when (!context.Response.HasStarted && InferenceErrors.Of(e, found.File.Path, context) is { } error)
        {
            Measures.Inference(Stopwatch.GetElapsedTime(started), succeeded: false);
            return error;
        }
    }

    /// <summary>Why the caller may not have models loaded and run; null: may. Who may not even see the model was answered before.</summary>
    public static IResult? MayNot(Caller caller, HttpContext context)
    {
        if (caller.ActorId is not null && caller.Scopes.Contains(Scopes.Infer))
        {
            return null;
        }

        context.Response.Headers.WWWAuthenticate = "Bearer";
        return caller.IsAnonymous
            ? InferenceErrors.Error(401, "Sign in, or send a token: Authorization: Bearer hf_zoop_...")
            : InferenceErrors.Error(403, "This needs a token with the scope 'infer'.");
    }

    private static string? HeaderOf(HttpRequest request) =>
        request.Headers.TryGetValue(InferenceRequest.HeaderName, out var values) ? values.ToString() : null;
}
