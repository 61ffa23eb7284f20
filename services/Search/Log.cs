namespace ZooPlatform.Search;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Information, "Index {Index} is ready to be written")]
    public static partial void IndexPrepared(this ILogger logger, string index);

    [LoggerMessage(5002, LogLevel.Information, "Index: {Documents} documents written, {Deleted} deleted ({ElapsedMs} ms)")]
    public static partial void IndexWritten(this ILogger logger, int documents, int deleted, double elapsedMs);

    [LoggerMessage(5003, LogLevel.Warning, "The index cannot be written now; trying again: {Reason}")]
    public static partial void WritingLost(this ILogger logger, string reason);

    [LoggerMessage(5004, LogLevel.Warning, "A query was not answered: {Reason}")]
    public static partial void QueryLost(this ILogger logger, string reason);
}
