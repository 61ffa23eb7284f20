using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.Contracts;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>Refusals as the Open Inference Protocol's clients need them: exactly <c>{"error": "..."}</c> as <c>application/json</c>; they lose every
/// other form.</summary>
internal static class InferenceErrors
{
    private const string JsonType = "application/json";

    public static IResult Json<T>(int status, T body) => TypedResults.Json(body, ZooJson.Options, JsonType, status);

    public static IResult Error(int status, string error) => Json(status, new { error });

    public static IResult Of(FileOutcome outcome) => Of(BenchmarkProblems.Of(outcome));

    public static IResult ModelUnknown(string name) => Of(BenchmarkProblems.RepositoryUnknown(name));

    /// <summary>405 with what is allowed; OPTIONS: that alone.</summary>
    public static IResult NotAllowed(HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return HttpMethods.IsOptions(context.Request.Method)
            ? TypedResults.StatusCode(StatusCodes.Status204NoContent)
            : Error(405, $"This takes {allowed}, not {context.Request.Method}.");
    }

    /// <summary>What went wrong with an inference; null: nothing that is expected to.</summary>
    /// <param name="file">The model's.</param>
    public static IResult? Of(Exception exception, string file, HttpContext context)
    {
        var (status, error) = exception switch
        {
            BusyException busy => (503, busy.Message),
            BudgetException => (503, "As many and large inferences are under way as this service takes. Try again in a few seconds."),
            HttpRequestException => (503, "The model's files cannot be reached just now. Try again in a few seconds."),
            InvalidDataException invalid => (400, invalid.Message),
            BodyTooLargeException => (413, exception.Message),
            BadHttpRequestException bad => (bad.StatusCode, bad.Message),
            WorkerException { Reason: FailureKind.Load } load => (409, $"'{file}' could not be loaded: {load.Message}"),
            WorkerException { Reason: FailureKind.Time } time => (504, $"'{file}': {time.Message}"),
            WorkerException broke => (400, $"'{file}': {broke.Message}"),
            _ => (0, ""),
        };
        if (status == 503)
        {
            context.Response.Headers.RetryAfter = "2";
        }

        return status == 0 ? null : Error(status, error);
    }

    private static IResult Of(ProblemHttpResult problem) => Error(problem.StatusCode, problem.ProblemDetails.Detail!);
}

/// <summary>A body is larger than one may be.</summary>
internal sealed class BodyTooLargeException(long most) : Exception($"The body is larger than {most} bytes, the limit.");
