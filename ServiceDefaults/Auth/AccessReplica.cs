namespace ZooPlatform.ServiceDefaults.Auth;

/// <summary>How far this service's copy of who may read what is behind Artifact. While it is behind by more than
/// <see cref="Patience"/>, callers see what is public and nothing else: somebody may have lost the right to the rest meanwhile.</summary>
/// <remarks>Counted from when a question was sent whose answer was applied whole: an answer may have lain in a buffer for long.</remarks>
public sealed class AccessReplica(TimeProvider time)
{
    /// <summary>The service that decides who may read what, and whose feed tells it.</summary>
    internal const string Authority = "artifact";
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private long _upToDateAt = long.MinValue;

    internal bool IsBehind => Volatile.Read(ref _upToDateAt) is var at && (at == long.MinValue || time.GetElapsedTime(at) > Patience);

    /// <summary>All that had changed when the question was sent (a timestamp of <see cref="TimeProvider"/>) is applied.</summary>
    internal void Applied(long askedAt) => Volatile.Write(ref _upToDateAt, askedAt);
}
