namespace ZooPlatform.Catalog;

internal static partial class Log
{
    [LoggerMessage(4001, LogLevel.Information, "Model {ModelId} at {Revision}: {Files} files read, {Findings} findings ({ElapsedMs} ms)")]
    public static partial void RevisionRead(this ILogger logger, Guid modelId, string revision, int files, int findings, double elapsedMs);

    [LoggerMessage(4002, LogLevel.Information, "Model {ModelId} at {Revision}: the reading was dropped, a newer revision or another worker took its place")]
    public static partial void ReadingDropped(this ILogger logger, Guid modelId, string revision);

    [LoggerMessage(4003, LogLevel.Warning, "Model {ModelId} at {Revision} cannot be read now; attempt {Attempt}, next in {Pause}: {Reason}")]
    public static partial void ReadingPostponed(this ILogger logger, Guid modelId, string revision, int attempt, TimeSpan pause, string reason);

    [LoggerMessage(4004, LogLevel.Error, "Reading model {ModelId} at {Revision} broke; attempt {Attempt}, next in {Pause}")]
    public static partial void ReadingBroke(this ILogger logger, Exception exception, Guid modelId, string revision, int attempt, TimeSpan pause);

    [LoggerMessage(4005, LogLevel.Information, "Stub {Stub} now resolves to model {ModelId}")]
    public static partial void StubClaimed(this ILogger logger, string stub, Guid modelId);

    [LoggerMessage(4006, LogLevel.Warning, "The inspection queue cannot be asked: {Reason}")]
    public static partial void QueueLost(this ILogger logger, string reason);

    [LoggerMessage(4007, LogLevel.Error, "Reading {Path} of model {ModelId} at {Revision} broke; the file has a finding instead")]
    public static partial void ReaderBroke(this ILogger logger, Exception exception, Guid modelId, string revision, string path);
}
