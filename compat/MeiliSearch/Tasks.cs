using System.Text.Json.Serialization;

namespace Meilisearch;

/// <summary>The receipt for a write.</summary>
public class TaskInfo
{
    public TaskInfo(int taskUid, string indexUid, TaskInfoStatus status)
    {
        TaskUid = taskUid;
        IndexUid = indexUid;
        Status = status;
    }

    public int TaskUid { get; }

    public string IndexUid { get; }

    public TaskInfoStatus Status { get; }
}

/// <summary>A write and what became of it.</summary>
public class TaskResource
{
    public TaskResource(int uid, string indexUid, TaskInfoStatus status, IReadOnlyDictionary<string, string> error)
    {
        Uid = uid;
        IndexUid = indexUid;
        Status = status;
        Error = error;
    }

    public int Uid { get; }

    public string IndexUid { get; }

    public TaskInfoStatus Status { get; }

    /// <summary><c>code</c>, <c>message</c>, <c>type</c>, <c>link</c>; null unless it failed.</summary>
    public IReadOnlyDictionary<string, string> Error { get; }
}

[JsonConverter(typeof(JsonStringEnumConverter))]
public enum TaskInfoStatus
{
    Enqueued,
    Processing,
    Succeeded,
    Failed,
    Canceled,
}
