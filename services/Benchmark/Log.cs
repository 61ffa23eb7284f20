namespace ZooPlatform.Benchmark;

/// <summary>Every log line of this service.</summary>
internal static partial class Log
{
    [LoggerMessage(6001, LogLevel.Information, "This device is {Name}, ONNX Runtime {OnnxRuntime}; workers: {Limits}")]
    public static partial void DeviceMeasured(this ILogger logger, string name, string onnxRuntime, string limits);

    [LoggerMessage(6002, LogLevel.Warning, "No worker answers with {Limits}; trying with less. {Reason}")]
    public static partial void SandboxNotHad(this ILogger logger, string limits, string reason);

    [LoggerMessage(6003, LogLevel.Warning, "The first worker of this start did not come up (attempt {Attempt}); trying again. {Reason}")]
    public static partial void WorkerNotDescribed(this ILogger logger, int attempt, string reason);

    [LoggerMessage(6101, LogLevel.Information, "Run {Run} of {File} begins (attempt {Attempt})")]
    public static partial void RunBegins(this ILogger logger, Guid run, string file, int attempt);

    [LoggerMessage(6102, LogLevel.Information, "Run {Run} succeeded: p50 {P50Ms} ms")]
    public static partial void RunSucceeded(this ILogger logger, Guid run, double p50Ms);

    [LoggerMessage(6103, LogLevel.Information, "Run {Run} failed: {Reason}")]
    public static partial void RunFailed(this ILogger logger, Guid run, string reason);

    [LoggerMessage(6104, LogLevel.Warning, "Run {Run} is put back: {Reason}")]
    public static partial void RunPutBack(this ILogger logger, Guid run, string reason);

    [LoggerMessage(6105, LogLevel.Information, "Run {Run} ended elsewhere: cancelled, or its lease was lost")]
    public static partial void RunLost(this ILogger logger, Guid run);

    [LoggerMessage(6106, LogLevel.Error, "The runner broke; trying again")]
    public static partial void RunnerBroke(this ILogger logger, Exception exception);

    [LoggerMessage(6107, LogLevel.Warning, "The lease of run {Run} could not be renewed: {Reason}")]
    public static partial void LeaseNotRenewed(this ILogger logger, Guid run, string reason);

    [LoggerMessage(6201, LogLevel.Information, "Deployment {Deployment} of {File} is ready ({ElapsedMs} ms)")]
    public static partial void DeploymentReady(this ILogger logger, Guid deployment, string file, double elapsedMs);

    [LoggerMessage(6202, LogLevel.Information, "Deployment {Deployment} ended: {Reason}")]
    public static partial void DeploymentEnded(this ILogger logger, Guid deployment, string reason);

    [LoggerMessage(6203, LogLevel.Error, "Looking after the deployments broke; trying again")]
    public static partial void DeploymentCareBroke(this ILogger logger, Exception exception);
}
