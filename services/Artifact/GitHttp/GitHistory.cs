using Microsoft.EntityFrameworkCore;

namespace ZooPlatform.Artifact.GitHttp;

/// <param name="Parent">Null: the first of its history.</param>
internal readonly record struct CommitNode(ObjectId? Parent, ObjectId Tree, DateTimeOffset At);

/// <summary>Some commits with everything before them, in memory: about 100 bytes each.</summary>
internal sealed class GitHistory
{
    private readonly Dictionary<ObjectId, CommitNode> _commits = [];

    private GitHistory()
    {
    }

    public CommitNode this[ObjectId id] => _commits[id];

    public IReadOnlyCollection<ObjectId> All => _commits.Keys;

    /// <param name="from">Ids that the repository does not hold are left out.</param>
    public static async Task<GitHistory> LoadAsync(ArtifactDb db, Guid repositoryId, IEnumerable<ObjectId> from, CancellationToken ct)
    {
        var history = new GitHistory();
        var ids = from.Distinct().Select(id => id.ToString()).ToArray();
        var rows = db.Database.SqlQuery<Row>($"""
            with recursive log as (
                select id, parent, tree, created_at from revisions where repository_id = {repositoryId} and id = any({ids})
                union
                select r.id, r.parent, r.tree, r.created_at from revisions r join log on r.repository_id = {repositoryId} and r.id = log.parent)
            select id as "Id", parent as "Parent", tree as "Tree", created_at as "At" from log
            """).AsAsyncEnumerable();
        await foreach (var row in rows.WithCancellation(ct))
            history._commits[ObjectId.Parse(row.Id)] = new CommitNode(row.Parent is null ? null : ObjectId.Parse(row.Parent), ObjectId.Parse(row.Tree), row.At);
        return history;
    }

    public bool Contains(ObjectId id) => _commits.ContainsKey(id);

    /// <summary>These commits and those before them, as far as a client knows them whose history ends at <paramref name="shallow"/>.</summary>
    public HashSet<ObjectId> Before(IEnumerable<ObjectId> from, IReadOnlySet<ObjectId> shallow)
    {
        var found = new HashSet<ObjectId>();
        foreach (var start in from)
        {
            ObjectId? next = start;
            while (next is { } id && _commits.TryGetValue(id, out var commit) && found.Add(id))
                next = shallow.Contains(id) ? null : commit.Parent;
        }
        return found;
    }

    /// <summary>These commits and those before them, down to this depth; the commits themselves are depth 1.</summary>
    public HashSet<ObjectId> Within(IEnumerable<ObjectId> from, int depth)
    {
        var found = new HashSet<ObjectId>();
        var level = from.Where(Contains).ToHashSet();
        for (var at = 1; at <= depth && level.Count > 0; at++)
            level = [.. level.Where(found.Add).Select(id => _commits[id].Parent).OfType<ObjectId>()];
        return found;
    }

    private sealed record Row(string Id, string? Parent, string Tree, DateTimeOffset At);
}
