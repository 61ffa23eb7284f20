namespace ZooPlatform.Artifact.Blobs.S3;

internal static partial class S3Log
{
    [LoggerMessage(2070, LogLevel.Information, "The bucket {Bucket} was not there and was made")]
    public static partial void BucketMade(this ILogger logger, string bucket);

    [LoggerMessage(2071, LogLevel.Warning, "Waiting for the object store: {Reason}")]
    public static partial void WaitingForStore(this ILogger logger, string reason);

    [LoggerMessage(2072, LogLevel.Warning, "{Method} {Path} answered 503: {Reason}")]
    public static partial void StoreUnreachable(this ILogger logger, string method, string path, string reason);

    [LoggerMessage(2073, LogLevel.Information, "{Marks} blobs were on their way into the bucket when the process before this one ended; a sweep may take what of them is there")]
    public static partial void MarksEnded(this ILogger logger, int marks);
}
