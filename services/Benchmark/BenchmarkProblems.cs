using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Benchmark;

/// <summary>Every refusal of this service.</summary>
internal static class BenchmarkProblems
{
    public static ProblemHttpResult RepositoryUnknown(string path) => Problem.Of(404, "repository.unknown",
        $"There is no repository '{path}' that you can see. A repository is named owner/name; try GET /api/v1/search?q=.");

    public static ProblemHttpResult RunUnknown(Guid id) => Problem.Of(404, "run.unknown",
        $"There is no run {id} that you can see. Runs are listed by GET /api/v1/runs?repository=owner/name.");

    public static ProblemHttpResult SamplesUnknown(Guid id) => Problem.Of(404, "run.no-samples",
        $"Run {id} has no samples: only a run that succeeded has.");

    public static ProblemHttpResult RunEnded(Guid id) => Problem.Of(409, "run.ended", $"Run {id} has ended; there is nothing to cancel.");

    public static ProblemHttpResult DeploymentUnknown(Guid id) => Problem.Of(404, "deployment.unknown",
        $"There is no deployment {id} that you can see. They are listed by GET /api/v1/deployments.");

    public static ProblemHttpResult NotLoaded(string file, string reason) => Problem.Of(409, "deployment.not-loaded",
        $"'{file}' could not be loaded: {reason}");

    public static ProblemHttpResult Busy(string reason) => Problem.Of(503, "deployment.busy", reason);

    public static ProblemHttpResult ContributorNeeded(string path) => Problem.Of(403, "run.role-needed",
        $"This needs the role contributor in '{path}'. Ask an owner of it, or infer instead: that needs to read only.");

    public static ProblemHttpResult SettingsInvalid(string reason) => Problem.Of(400, "run.settings-invalid", reason);

    /// <summary>Why there is no file to run.</summary>
    public static ProblemHttpResult Of(FileOutcome refused) => refused switch
    {
        FileOutcome.RepositoryUnknown(var path) => RepositoryUnknown(path),
        FileOutcome.Empty(var path) => Problem.Of(409, "model.empty",
            $"'{path}' is empty. Push a model first: zoo push DIR {path}."),
        FileOutcome.RevisionUnknown(var path, var revision) => Problem.Of(404, "revision.unknown",
            $"'{path}' has no revision, branch or tag '{revision}'. GET /api/v1/repositories/{path}/revisions lists its revisions."),
        FileOutcome.InspectionPending(var path, var head) => Problem.Of(409, "model.inspection-pending",
            $"'{path}' is at revision {head}, which is still being inspected. Try again in a few seconds."),
        FileOutcome.FileUnknown(var path, var file) => Problem.Of(404, "model.file-unknown",
            $"'{path}' has no model file '{file}'. GET /api/v1/models/{path} lists its files."),
        FileOutcome.NoneFit(var path) => Problem.Of(409, "model.none-fit",
            $"'{path}' has no ONNX file, and only those can be run. Add one, converted from what is there."),
        FileOutcome.Unfit({ Fit: null } file) => Problem.Of(409, "model.format-not-run",
            $"'{file.Path}' is {file.Format}; only ONNX files are run here. Add an ONNX file, or pull the kit and run it yourself."),
        FileOutcome.Unfit(var file) => Problem.Of(409, "model.unfit",
            $"'{file.Path}' must not reach ONNX Runtime: {file.Unfit ?? "its inspection found errors"}. Mend the file and push it again."),
        _ => throw new UnreachableException($"{refused} is not a refusal."),
    };
}
