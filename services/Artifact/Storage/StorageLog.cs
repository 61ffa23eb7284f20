namespace ZooPlatform.Artifact.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(2030, LogLevel.Information, "Garbage swept: {Blobs} blobs, {SizeBytes} bytes, {Revisions} revisions")]
    public static partial void GarbageSwept(this ILogger logger, int blobs, long sizeBytes, int revisions);

    [LoggerMessage(2031, LogLevel.Error, "Garbage from {Sha256} on stays: {Constraint} refers to it, which the sweep does not know")]
    public static partial void GarbageReferred(this ILogger logger, string sha256, string constraint);

    [LoggerMessage(2032, LogLevel.Warning, "Sweeping garbage broke and is tried again later: {Reason}")]
    public static partial void SweepBroke(this ILogger logger, string reason);

    [LoggerMessage(2033, LogLevel.Warning, "A sweep was killed; {Files} files that it held are back in their places")]
    public static partial void TakenFilesPutBack(this ILogger logger, int files);

    [LoggerMessage(2034, LogLevel.Critical, "Blob {Sha256} is damaged at rest: its {SizeBytes} bytes have SHA-256 {Actual}. It is served no more; push it again, or restore it from a backup. The damaged file is in {Place}")]
    public static partial void BlobRotten(this ILogger logger, string sha256, long sizeBytes, string actual, string place);

    [LoggerMessage(2036, LogLevel.Information, "{Entries} files and folders of requests from before the start deleted")]
    public static partial void TemporaryEmptied(this ILogger logger, int entries);

    [LoggerMessage(2037, LogLevel.Information, "{Entries} old files and folders that nothing owned deleted")]
    public static partial void ForgottenDeleted(this ILogger logger, int entries);

    [LoggerMessage(2038, LogLevel.Warning, "Deleting what is idle or forgotten broke and is tried again later: {Reason}")]
    public static partial void DeletingForgottenBroke(this ILogger logger, string reason);

    [LoggerMessage(2035, LogLevel.Warning, "Reading blobs for damage broke and is tried again later: {Reason}")]
    public static partial void ScrubBroke(this ILogger logger, string reason);
}
