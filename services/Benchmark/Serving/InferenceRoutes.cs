using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.Benchmark.Workers;
using ZooPlatform.Contracts;
using ZooPlatform.Formats.Tensors;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>
/// The Open Inference Protocol over REST, as KServe, Triton and their clients speak it. Errors are exactly
/// <c>{"error": "..."}</c> as <c>application/json</c>: clients lose every other form.
/// </summary>
internal static class InferenceRoutes
{
    private const string JsonType = "application/json";

    public static void MapOpenInference(this IEndpointRouteBuilder routes)
    {
        var v2 = routes.MapGroup("/v2").WithTags("Open Inference").RequireAuthorization(Policies.Read);
        v2.MapGet("", Server);
        v2.MapGet("/health/live", () => Json(200, new { live = true }));
        v2.MapGet("/health/ready", () => Json(200, new { ready = true }));
        v2.MapGet("/models/{**rest}", Describe);
        v2.MapPost("/models/{**rest}", Infer);
        v2.MapMethods("/models/{**rest}", ["PUT", "PATCH", "DELETE"], NotAllowed);
        v2.MapFallback("/{**rest}", (string? rest) => Error(404, $"There is no /v2/{rest} here. Try /v2/models/owner/name."));
    }

    // One answer for two protocols: a registry client looks for the header, an inference client at the body.
    private static IResult Server(HttpResponse response)
    {
        response.Headers["Docker-Distribution-API-Version"] = "registry/2.0";
        return Json(200, new { name = "zooplatform", version = "1", extensions = Array.Empty<string>() });
    }

    private static async Task<IResult> Describe(
        string rest, Caller caller, FindModelFile find, Deployments deployments, HttpResponse response, CancellationToken ct)
    {
        if (!InferencePath.TryParse(rest, out var path))
        {
            return Unknown(path.Repository);
        }

        if (path.Verb == "infer")
        {
            response.Headers.Allow = "POST";
            return Error(405, "Inference is a POST.");
        }

        var outcome = await find.RunAsync(caller, path.Repository, path.Version, file: null, ct);
        if (outcome is not FileOutcome.Found found)
        {
            return Refused(outcome);
        }

        if (path.Verb == "ready")
        {
            var ready = deployments.Find(found)?.IsLoaded == true;
            return ready
                ? Json(200, new { name = path.Repository, ready })
                : Json(404, new { name = path.Repository, ready, error = $"'{path.Repository}' is not loaded. The first inference loads it, or POST /api/v1/deployments." });
        }

        return await AnswerAsync(caller, found, deployments, response, async served =>
        {
            var model = await served.DescribeAsync(ct);
            return Json(200, new
            {
                name = path.Repository,
                versions = new[] { found.Revision },
                platform = "onnxruntime_onnx",
                inputs = model.Inputs.Select(Value),
                outputs = model.Outputs.Select(Value),
            });
        }, ct);
    }

    private static async Task<IResult> Infer(
        string rest, Caller caller, FindModelFile find, Deployments deployments, IOptions<BenchmarkOptions> options, HttpContext context, CancellationToken ct)
    {
        if (!InferencePath.TryParse(rest, out var path))
        {
            return Unknown(path.Repository);
        }

        if (path.Verb != "infer")
        {
            context.Response.Headers.Allow = "GET";
            return Error(405, "Only inference is a POST: /v2/models/owner/name/infer.");
        }

        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = options.Value.MaxInferenceBytes;
        var outcome = await find.RunAsync(caller, path.Repository, path.Version, file: null, ct);
        if (outcome is not FileOutcome.Found found)
        {
            return Refused(outcome);
        }

        InferenceRequest request;
        try
        {
            request = await InferenceRequest.ReadAsync(context.Request.Body, ct);
        }
        catch (InvalidDataException e)
        {
            return Error(400, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return Error(e.StatusCode, e.StatusCode == 413 ? $"The body is larger than {options.Value.MaxInferenceBytes} bytes, the limit." : e.Message);
        }

        return await AnswerAsync(caller, found, deployments, context.Response, async served =>
        {
            request.Check(await served.DescribeAsync(ct));
            var outputs = await served.InferAsync(request.Inputs, request.Outputs, ct);
            return Outputs(path.Repository, found.Revision, request.Id, outputs);
        }, ct);
    }

    private static IResult NotAllowed(HttpResponse response)
    {
        response.Headers.Allow = "GET, POST";
        return Error(405, "A model is asked with GET and POST.");
    }

    /// <summary>Has a loaded model answer, and turns everything that can go wrong into the protocol's errors.</summary>
    private static async Task<IResult> AnswerAsync(
        Caller caller, FileOutcome.Found found, Deployments deployments, HttpResponse response, Func<ServedModel, Task<IResult>> answer, CancellationToken ct)
    {
        if (caller.UserId is null || !caller.Scopes.Contains(Scopes.Infer))
        {
            response.Headers.WWWAuthenticate = "Bearer";
            return caller.IsAnonymous
                ? Error(401, "Sign in, or send a token: Authorization: Bearer hf_zoop_...")
                : Error(403, "This needs a token of a person, with the scope 'infer'.");
        }

        try
        {
            var served = await deployments.GetAsync(found, caller.Subject, ct);
            if (!served.IsLoaded)
            {
                await deployments.LoadAsync(served, ct);
            }

            return await answer(served);
        }
        catch (BusyException e)
        {
            response.Headers.RetryAfter = "2";
            return Error(503, e.Message);
        }
        catch (HttpRequestException)
        {
            response.Headers.RetryAfter = "2";
            return Error(503, "The model's files cannot be reached just now. Try again in a few seconds.");
        }
        catch (InvalidDataException e)
        {
            return Error(400, e.Message);
        }
        catch (WorkerException e)
        {
            return e.Reason switch
            {
                FailureKind.Load => Error(409, $"'{found.File.Path}' could not be loaded: {e.Message}"),
                FailureKind.Time => Error(504, $"'{found.File.Path}': {e.Message}"),
                _ => Error(400, $"'{found.File.Path}': {e.Message}"),
            };
        }
    }

    private static IResult Outputs(string model, string version, string? id, IReadOnlyList<Tensor> outputs)
    {
        using var body = new MemoryStream();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("model_name", model);
            writer.WriteString("model_version", version);
            if (id is not null)
            {
                writer.WriteString("id", id);
            }

            writer.WriteStartArray("outputs");
            foreach (var output in outputs)
            {
                OpenInferenceTensors.Write(writer, output);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return TypedResults.Bytes(body.ToArray(), JsonType);
    }

    private static object Value(ValueSpec value) =>
        new { name = value.Name, datatype = value.Type.OpenInferenceName() ?? value.Type.Name(), shape = value.Shape };

    private static IResult Refused(FileOutcome outcome)
    {
        var problem = BenchmarkProblems.Of(outcome);
        return Error(problem.StatusCode, problem.ProblemDetails.Detail!);
    }

    private static IResult Unknown(string name) => Error(404, BenchmarkProblems.RepositoryUnknown(name).ProblemDetails.Detail!);

    private static IResult Error(int status, string error) => Json(status, new { error });

    private static IResult Json<T>(int status, T body) => TypedResults.Json(body, ZooJson.Options, JsonType, status);
}
