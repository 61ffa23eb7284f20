namespace ZooPlatform.Artifact;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information, "Repository {Id} created as {Owner}/{Name} by {Subject}")]
    public static partial void RepositoryCreated(this ILogger logger, Guid id, string owner, string name, string subject);

    [LoggerMessage(2002, LogLevel.Information, "Repository {Id} deleted by {Subject}")]
    public static partial void RepositoryDeleted(this ILogger logger, Guid id, string subject);

    [LoggerMessage(2010, LogLevel.Information, "Repository {Id} moved from {OldOwner}/{OldName} to {Owner}/{Name} by {Subject}")]
    public static partial void RepositoryMoved(this ILogger logger, Guid id, string oldOwner, string oldName, string owner, string name, string subject);

    [LoggerMessage(2011, LogLevel.Information, "Branch {Branch} of repository {Id} became one revision, {Revision}, by {Subject}")]
    public static partial void BranchSquashed(this ILogger logger, string branch, Guid id, string revision, string subject);

    [LoggerMessage(2003, LogLevel.Information, "Revision {Revision} of repository {Id}: {Files} files, {SizeBytes} bytes, by {Subject}")]
    public static partial void RevisionCommitted(this ILogger logger, string revision, Guid id, int files, long sizeBytes, string subject);

    [LoggerMessage(2004, LogLevel.Critical, "Blob {Sha256} is damaged: its file is missing or does not hold {SizeBytes} bytes. Push it again, or restore it from a backup")]
    public static partial void BlobDamaged(this ILogger logger, string sha256, long sizeBytes);

    [LoggerMessage(2005, LogLevel.Warning, "Upload {Id} was refused: its bytes have SHA-256 {Actual}, not {Declared}")]
    public static partial void UploadRefused(this ILogger logger, Guid id, string actual, string declared);

    [LoggerMessage(2006, LogLevel.Information, "{Uploads} idle uploads deleted")]
    public static partial void IdleUploadsDeleted(this ILogger logger, int uploads);

    [LoggerMessage(2020, LogLevel.Warning, "Mapping new blobs' chunks broke and is tried again later: {Reason}")]
    public static partial void MappingChunksBroke(this ILogger logger, string reason);

    [LoggerMessage(2021, LogLevel.Information, "{Xorbs} xorbs that no shard used were deleted")]
    public static partial void IdleXorbsDeleted(this ILogger logger, int xorbs);

    [LoggerMessage(2023, LogLevel.Information, "A shard of {Subject} for repository {Id} made {Files} files of {SizeBytes} bytes; {Known} were known")]
    public static partial void ShardStored(this ILogger logger, string subject, Guid id, int files, long sizeBytes, int known);

    [LoggerMessage(2061, LogLevel.Warning, "A pack of repository {Id} broke off: {Reason}")]
    public static partial void PackBroke(this ILogger logger, Guid id, string reason);

    [LoggerMessage(2060, LogLevel.Critical, "Git object {GitId} of repository {Id} cannot be made from what is stored: a row or a blob is damaged. Push its file again, or restore it from a backup")]
    public static partial void GitObjectDamaged(this ILogger logger, string gitId, Guid id);
}
