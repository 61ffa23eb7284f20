using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.ServiceDefaults.Auth;
using static ZooPlatform.Benchmark.Serving.InferenceErrors;

namespace ZooPlatform.Benchmark.Serving;

/// <summary>Triton's model repository extension: which models there are, have one loaded, have one unloaded.</summary>
internal static class ModelRepositoryRoutes
{
    private const int MaxListed = 1000;

    public static void MapModelRepository(this RouteGroupBuilder v2)
    {
        v2.MapPost("/repository/index", Index);
        v2.MapOthers("/repository/index", [HttpMethods.Post], _ => HttpMethods.Post);
        v2.MapPost("/repository/models/{**rest}", LoadOrUnload);
        v2.MapOthers("/repository/models/{**rest}", [HttpMethods.Post], _ => HttpMethods.Post);
    }

    /// <summary>What the caller may see of what can be served, by name, at most 1,000.</summary>
    private static async Task<IResult> Index(Caller caller, BenchmarkDb db, Deployments deployments, HttpRequest request, CancellationToken ct)
    {
        if (await ReadyOnlyAsync(request, ct) is not { } readyOnly)
        {
            return Error(400, "The body is empty or an object: {\"ready\": true} lists loaded models alone.");
        }

        var rows = await (
            from repository in db.Repositories.VisibleTo(caller)
            join model in db.Models on new { repository.Id, Revision = repository.Head } equals new { model.Id, model.Revision }
            where repository.Head != null
            orderby repository.Owner, repository.Name
            select new { repository, model.Files }).Take(MaxListed).AsNoTracking().ToListAsync(ct);
        return Json(200, rows.Where(row => row.Files.Exists(file => file.Fit == true))
            .Select(row => (row.repository.Path, row.repository.Head, Ready: deployments.Of(row.repository.Id).Any(held => held.IsLoaded)))
            .Where(row => row.Ready || !readyOnly)
            .Select(row => new { name = row.Path, version = row.Head, state = row.Ready ? "READY" : "UNAVAILABLE", reason = row.Ready ? "" : "not loaded: the first inference loads it" }));
    }

    private static async Task<IResult> LoadOrUnload(
        string? rest, Caller caller, FindModelFile find, Deployments deployments, HttpContext context, CancellationToken ct)
    {
        rest ??= "";
        var verb = rest[(rest.LastIndexOf('/') + 1)..];
        if (verb is not ("load" or "unload") || !InferencePath.TryParse(rest[..Math.Max(0, rest.Length - verb.Length - 1)], out var path))
        {
            return Error(404, "Try POST /v2/repository/models/owner/name/load, or /unload.");
        }

        var outcome = await find.RunAsync(caller, path.Repository, path.Version, file: null, ct);
        if (outcome is not FileOutcome.Found found)
        {
            return Of(outcome);
        }

        if (Infer.MayNot(caller, context) is { } refusal)
        {
            return refusal;
        }

        if (verb == "load")
        {
            try
            {
                await deployments.LoadedAsync(found, caller.Subject, ct);
                return Json(200, new { });
            }
            catch (Exception e) when (Of(e, found.File.Path, context) is { } error)
            {
                return error;
            }
        }

        if (!found.Repository.MayBenchmark(caller))
        {
            return Error(403, BenchmarkProblems.ContributorNeeded(path.Repository).ProblemDetails.Detail!);
        }

        foreach (var served in deployments.Of(found.Repository.Id).ToList())
        {
            await deployments.EndAsync(served.Id, Deployment.Stopped, "stopped by request", ct);
        }

        return Json(200, new { });
    }

    /// <summary>Null: the body is nothing of ours.</summary>
    private static async Task<bool?> ReadyOnlyAsync(HttpRequest request, CancellationToken ct)
    {
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync(ct);
        if (string.IsNullOrWhiteSpace(text))
        {
            return false;
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind != JsonValueKind.Object ? null
                : json.RootElement.TryGetProperty("ready", out var ready) ? ready.ValueKind == JsonValueKind.True : false;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
