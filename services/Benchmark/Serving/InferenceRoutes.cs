using ZooPlatform.Benchmark.Messages;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.Formats.Tensors;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;
using static ZooPlatform.Benchmark.Serving.InferenceErrors;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>The Open Inference Protocol over REST, as KServe, Triton and their clients speak it.</summary>
internal static class InferenceRoutes
{
    private const string Reads = "GET, HEAD";
    private static readonly string[] s_reads = [HttpMethods.Get, HttpMethods.Head];
    private static readonly string[] s_methods = [.. s_reads, HttpMethods.Post, HttpMethods.Put, HttpMethods.Patch, HttpMethods.Delete, HttpMethods.Options];

    public static void MapOpenInference(this IEndpointRouteBuilder routes)
    {
        var v2 = routes.MapGroup("/v2").WithTags("Open Inference").RequireAuthorization(Policies.Read).WithMetadata(ErrorShape.OpenInference);
        v2.MapMethods("", s_reads, Server);
        v2.MapMethods("/health/live", s_reads, () => Json(200, new { live = true }));
        v2.MapMethods("/health/ready", s_reads, () => Json(200, new { ready = true }));
        foreach (var pattern in new[] { "", "/health/live", "/health/ready" }) v2.MapOthers(pattern, s_reads, _ => Reads);
        v2.MapMethods("/models/{**rest}", s_reads, Describe);
        v2.MapPost("/models/{**rest}", Answer);
        v2.MapOthers("/models/{**rest}", [.. s_reads, HttpMethods.Post], context =>
            InferencePath.TryParse(context.GetRouteValue("rest") as string, out var path) && path.Verb == "infer" ? HttpMethods.Post : Reads);
        v2.MapModelRepository();
        v2.Map("/{**rest}", (string? rest) => Error(404, $"There is no /v2/{rest} here. Try /v2/models/owner/name."));
    }

    /// <summary>Tells every other method what is allowed.</summary>
    public static void MapOthers(this RouteGroupBuilder routes, string pattern, IReadOnlyList<string> handled, Func<HttpContext, string> allowed) =>
        routes.MapMethods(pattern, s_methods.Except(handled), (HttpContext context) => NotAllowed(context, allowed(context)));

    // One answer for two protocols: a registry client looks for the header, an inference client at the body.
    private static IResult Server(HttpResponse response)
    {
        response.Headers["Docker-Distribution-API-Version"] = "registry/2.0";
        response.Headers.WWWAuthenticate = "Basic realm=\"zoo\"";   // without it skopeo would send no credential to any other path
        return Json(200, new { name = "zooplatform", version = "1", extensions = new[] { "binary_tensor_data", "model_repository" } });
    }

    private static async Task<IResult> Describe(
        string? rest, Caller caller, FindModelFile find, Deployments deployments, HttpContext context, CancellationToken ct)
    {
        if (!InferencePath.TryParse(rest, out var path))
        {
            return ModelUnknown(path.Repository);
        }

        if (path.Verb == "infer")
        {
            return NotAllowed(context, "POST");
        }

        var outcome = await find.RunAsync(caller, path.Repository, path.Version, file: null, ct);
        if (outcome is not FileOutcome.Found found)
        {
            return Of(outcome);
        }

        if (path.Verb == "ready")
        {
            var ready = deployments.Find(found)?.IsLoaded == true;
            return ready
                ? Json(200, new { name = path.Repository, ready })
                : Json(404, new { name = path.Repository, ready, error = $"'{path.Repository}' is not loaded. The first inference loads it, or POST /api/v1/deployments." });
        }

        if (Infer.MayNot(caller, context) is { } refusal)
        {
            return refusal;
        }

        try
        {
            var model = (await deployments.LoadedAsync(found, caller.Subject, ct)).Description!;
            return Json(200, new
            {
                name = path.Repository,
                versions = new[] { found.Revision },
                platform = "onnxruntime_onnx",
                inputs = model.Inputs.Select(Value),
                outputs = model.Outputs.Select(Value),
            });
        }
        catch (Exception e) when (Of(e, found.File.Path, context) is { } error)
        {
            return error;
        }
    }

    private static async Task<IResult> Answer(string? rest, Infer infer, HttpContext context, CancellationToken ct) =>
        !InferencePath.TryParse(rest, out var path) ? ModelUnknown(path.Repository)
        : path.Verb != "infer" ? NotAllowed(context, Reads)
        : await infer.RunAsync(path, context, ct) ?? Results.Empty;

    private static object Value(ValueSpec value) =>
        new { name = value.Name, datatype = value.Type.OpenInferenceName() ?? value.Type.Name(), shape = value.Shape };
}
