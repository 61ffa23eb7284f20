namespace ZooPlatform.Gateway;

/// <summary>Every log line of the gateway. Never a credential.</summary>
internal static partial class Log
{
    [LoggerMessage(3001, LogLevel.Warning, "A token came in the query of {Method} {Path}: it has leaked into whatever logs addresses")]
    public static partial void TokenInQuery(this ILogger logger, string method, string path);

    [LoggerMessage(3002, LogLevel.Warning, "Identity cannot be reached: {Reason}")]
    public static partial void IdentityUnreachable(this ILogger logger, string reason);

    [LoggerMessage(3003, LogLevel.Warning, "{Service} failed for {Method} {Path}: {Error} {Reason}")]
    public static partial void ServiceFailed(this ILogger logger, string service, string method, string path, string error, string? reason);

    [LoggerMessage(3004, LogLevel.Warning, "Redis cannot be reached, so revoked tokens die after 5 s instead of at once: {Reason}")]
    public static partial void RedisUnreachable(this ILogger logger, string reason);

    [LoggerMessage(3005, LogLevel.Error, "Artifact handed over {Path}, which cannot be opened: {Reason}")]
    public static partial void HandedFileUnreadable(this ILogger logger, string path, string reason);

    [LoggerMessage(3006, LogLevel.Warning, "Sending {Path} broke off: {Reason}")]
    public static partial void HandedFileBroke(this ILogger logger, string path, string reason);
}
