using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ZooPlatform.ServiceDefaults.Problems;

/// <summary>The one place where exceptions end: outages become 503, a full disk 507, malformed requests 400, bugs 500.</summary>
internal sealed class Outages(ILogger<Outages> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken ct)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }
        var problem = exception switch
        {
            BadHttpRequestException bad => Problem.Of(bad.StatusCode, "request.invalid", Reason(bad)),
            _ when IsDatabaseOutage(exception) => Problem.DatabaseUnreachable,
            _ when IsDiskFull(exception) => Problem.DiskFull,
            _ when IsDiskBroken(exception) => Problem.DiskBroken,
            HttpRequestException => Problem.ServiceUnreachable,
            _ => Problem.Unexpected,
        };
        if (problem.StatusCode == StatusCodes.Status503ServiceUnavailable)
        {
            logger.Outage(context.Request.Method, context.Request.Path, exception.Message);
        }
        else if (problem.StatusCode == StatusCodes.Status507InsufficientStorage)
        {
            logger.DiskFull(context.Request.Method, context.Request.Path, exception.Message);
        }
        else if (problem.StatusCode >= 500)
        {
            logger.Unexpected(exception, context.Request.Method, context.Request.Path);
        }
        await context.RefuseAsync(problem);
        return true;
    }

    /// <summary>Is the database gone or going, rather than refusing what was asked?</summary>
    internal static bool IsDatabaseOutage(Exception? exception) => exception switch
    {
        null => false,
        // 57P01..03: shutting down or starting up; 53300: too many connections; 08: connection.
        PostgresException postgres => postgres.SqlState is "57P01" or "57P02" or "57P03" or "53300" || postgres.SqlState.StartsWith("08", StringComparison.Ordinal),
        NpgsqlException npgsql => npgsql.IsTransient || npgsql.InnerException is IOException or System.Net.Sockets.SocketException or TimeoutException,
        _ => IsDatabaseOutage(exception.InnerException),
    };

    /// <summary>Is it that the disk, of this service or of its database, or the user's part of it, is full?</summary>
    private static bool IsDiskFull(Exception? exception) => exception switch
    {
        null => false,
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => true,
        IOException { HResult: 28 or 122 } => true,   // ENOSPC, EDQUOT
        _ => IsDiskFull(exception.InnerException),
    };

    /// <summary>Is it that the disk cannot be read or written at all?</summary>
    private static bool IsDiskBroken(Exception? exception) => exception switch
    {
        null => false,
        PostgresException { SqlState: PostgresErrorCodes.IoError } => true,
        IOException { HResult: 5 or 30 } => true,   // EIO, EROFS
        _ => IsDiskBroken(exception.InnerException),
    };

    private static string Reason(BadHttpRequestException bad) =>
        bad.InnerException is System.Text.Json.JsonException json ? $"The body is not the JSON this expects: {json.Message}" : bad.Message;
}

internal static partial class Log
{
    [LoggerMessage(1001, LogLevel.Warning, "{Method} {Path} answered 503: {Reason}")]
    public static partial void Outage(this ILogger logger, string method, string path, string reason);

    [LoggerMessage(1003, LogLevel.Error, "The disk is full: {Method} {Path} was refused: {Reason}")]
    public static partial void DiskFull(this ILogger logger, string method, string path, string reason);

    [LoggerMessage(1002, LogLevel.Error, "{Method} {Path} broke")]
    public static partial void Unexpected(this ILogger logger, Exception exception, string method, string path);
}
