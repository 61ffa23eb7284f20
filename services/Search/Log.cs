namespace ZooPlatform.Search;

internal static partial class Log
{
    [LoggerMessage(5001, LogLevel.Information, "Index {Index} is being built: {Reason}")]
    public static partial void BuildBegun(this ILogger logger, string index, string reason);

    [LoggerMessage(5002, LogLevel.Information, "Index: {Documents} documents written, {Deleted} deleted ({ElapsedMs} ms)")]
    public static partial void IndexWritten(this ILogger logger, int documents, int deleted, double elapsedMs);

    [LoggerMessage(5003, LogLevel.Warning, "The index cannot be written now; trying again: {Reason}")]
    public static partial void WritingLost(this ILogger logger, string reason);

    [LoggerMessage(5004, LogLevel.Warning, "A query was not answered: {Reason}")]
    public static partial void QueryLost(this ILogger logger, string reason);

    [LoggerMessage(5005, LogLevel.Information, "Index {Index} answers from now on: {Entries} entries, {Reason}")]
    public static partial void BuildDone(this ILogger logger, string index, long entries, string reason);

    [LoggerMessage(5006, LogLevel.Warning, "Index {Index} does not hold what was written to it; it is built again")]
    public static partial void BuildFailed(this ILogger logger, string index);

    [LoggerMessage(5007, LogLevel.Warning, "Index {Index} is gone or is not what was written; another one is built")]
    public static partial void LiveLost(this ILogger logger, string index);

    [LoggerMessage(5008, LogLevel.Information, "{Names} names were read ({ElapsedMs} ms)")]
    public static partial void NamesRead(this ILogger logger, int names, double elapsedMs);

    [LoggerMessage(5009, LogLevel.Warning, "Following the names broke and begins again: {Reason}")]
    public static partial void NamesLost(this ILogger logger, string reason);
}
