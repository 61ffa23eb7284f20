namespace ZooPlatform.Identity;

/// <summary>Every log line of Identity. Never a token, a code, a link or an e-mail address.</summary>
internal static partial class Log
{
    [LoggerMessage(7001, LogLevel.Information, "The first administrator's credential is in {Path}")]
    public static partial void AdministratorWritten(this ILogger logger, string path);

    [LoggerMessage(7002, LogLevel.Information, "Signing key {KeyId} ({Algorithm}) signs from {ActiveFrom}")]
    public static partial void KeyMade(this ILogger logger, string keyId, string algorithm, DateTimeOffset activeFrom);

    [LoggerMessage(7003, LogLevel.Information, "Signing key {KeyId} is destroyed")]
    public static partial void KeyDestroyed(this ILogger logger, string keyId);

    [LoggerMessage(7004, LogLevel.Warning, "Rotating the signing keys broke and is tried again in an hour: {Reason}")]
    public static partial void RotationBroke(this ILogger logger, string reason);

    [LoggerMessage(7005, LogLevel.Warning, "Grant {Grant} is revoked: {Reason}")]
    public static partial void GrantRevoked(this ILogger logger, Guid grant, string reason);

    [LoggerMessage(7010, LogLevel.Warning, "Listening for changes of callers broke and begins again: {Reason}")]
    public static partial void CallerChangesLost(this ILogger logger, string reason);

    [LoggerMessage(7011, LogLevel.Warning, "A change of a caller was not told to the gateways, which notice within 5 s: {Reason}")]
    public static partial void CallerChangeUntold(this ILogger logger, string reason);

    [LoggerMessage(7006, LogLevel.Warning, "Deleting what has expired broke and is tried again in an hour: {Reason}")]
    public static partial void DeletionBroke(this ILogger logger, string reason);
}
