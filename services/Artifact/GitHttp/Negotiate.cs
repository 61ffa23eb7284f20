using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.GitHttp;

/// <summary>What a fetch comes to.</summary>
/// <param name="Common">What client and repository both have, of what the client named.</param>
/// <param name="Ready">Enough is known to send a pack.</param>
/// <param name="Shallow">Where the client's history ends now.</param>
/// <param name="Unshallow">Where it ended and goes on now.</param>
/// <param name="Commits">To be sent.</param>
/// <param name="Roots">Their folders, and such as were wanted by themselves.</param>
/// <param name="Known">Folders the client has.</param>
/// <param name="Others">Wanted ids that are no commits and no folders.</param>
internal sealed record Negotiation(
    IReadOnlyList<ObjectId> Common, bool Ready, IReadOnlyList<ObjectId> Shallow, IReadOnlyList<ObjectId> Unshallow,
    IReadOnlyList<ObjectId> Commits, IReadOnlyList<ObjectId> Roots, IReadOnlyList<ObjectId> Known, IReadOnlyList<ObjectId> Others);

/// <summary>Finds out what a client lacks.</summary>
/// <remarks>
/// 1. Load the history of everything named, once.
/// 2. What the client has: what it said it has and all before, down to where its own history ends.
/// 3. What it should have: the wanted and all before; with a depth, as much of that as was asked.
/// 4. The difference is sent. Folders of a neighbour that the client has need not be sent again.
/// </remarks>
internal sealed class Negotiate(ArtifactDb db)
{
    private static readonly HashSet<ObjectId> s_none = [];

    public async Task<Negotiation> RunAsync(Guid repositoryId, FetchRequest ask, CancellationToken ct)
    {
        // 1
        var leftOut = await FindAsync(repositoryId, ask.Not, ct);
        var history = await GitHistory.LoadAsync(db, repositoryId, ask.Wants.Concat(ask.Haves).Concat(ask.Shallow).Concat(leftOut), ct);
        var wanted = ask.Wants.Where(history.Contains).ToList();
        // 2
        var common = ask.Haves.Where(history.Contains).Distinct().ToList();
        var has = history.Before(common, ask.Shallow);
        // 3
        var should = Should(history, ask, wanted, leftOut);
        var ends = ask.IsDeepening ? should.Where(id => history[id].Parent is { } parent && !should.Contains(parent)).ToHashSet() : s_none;
        // 4
        var sent = should.Where(id => !has.Contains(id)).ToList();
        var (folders, others) = await SortAsync(repositoryId, [.. ask.Wants.Where(id => !history.Contains(id)).Distinct()], ct);
        return new Negotiation(
            common, common.Count > 0 && AllReach(history, wanted, has),
            [.. ends.Where(id => !ask.Shallow.Contains(id))],
            ask.IsDeepening ? [.. ask.Shallow.Where(id => should.Contains(id) && !ends.Contains(id))] : [],
            sent, [.. sent.Select(id => history[id].Tree).Concat(folders).Distinct()], Neighbours(history, sent, has), others);
    }

    private static HashSet<ObjectId> Should(GitHistory history, FetchRequest ask, List<ObjectId> wanted, IReadOnlyList<ObjectId> leftOut)
    {
        if (!ask.IsDeepening) return history.Before(wanted, ask.Shallow);
        var should = history.Before(wanted, s_none);
        if (ask.Depth is { } depth && !ask.IsUnlimited)
        {
            if (ask.DepthIsRelative)
            {
                var known = history.Before(wanted, ask.Shallow);
                known.UnionWith(history.Within(known.Where(ask.Shallow.Contains), depth + 1));
                should = known;
            }
            else
            {
                should = history.Within(wanted, depth);
            }
        }
        if (ask.Since is { } since) should.RemoveWhere(id => history[id].At < since);
        should.ExceptWith(history.Before(leftOut, s_none));
        return should;
    }

    /// <summary>Is there something the client has before, or at, each wanted commit?</summary>
    private static bool AllReach(GitHistory history, List<ObjectId> wanted, HashSet<ObjectId> has)
    {
        var passed = new HashSet<ObjectId>();   // each commit is walked over once: a second walk that meets one has met its end too
        foreach (var want in wanted)
        {
            ObjectId? next = want;
            while (next is { } id && !has.Contains(id) && passed.Add(id)) next = history[id].Parent;
            if (next is null) return false;
        }
        return true;
    }

    /// <summary>The folders of commits the client has beside those that are sent: most of what is in them is the same.</summary>
    private static List<ObjectId> Neighbours(GitHistory history, List<ObjectId> sent, HashSet<ObjectId> has)
    {
        var beside = sent.Select(id => history[id].Parent).OfType<ObjectId>().Where(has.Contains).ToHashSet();
        var lacking = sent.ToHashSet();
        beside.UnionWith(has.Where(id => history[id].Parent is { } parent && lacking.Contains(parent)));
        return [.. beside.Select(id => history[id].Tree).Distinct()];
    }

    private async Task<(IReadOnlyList<ObjectId> Folders, IReadOnlyList<ObjectId> Others)> SortAsync(Guid repositoryId, List<ObjectId> ids, CancellationToken ct)
    {
        if (ids.Count == 0) return ([], []);
        var texts = ids.Select(id => id.ToString()).ToArray();
        var folders = (await db.Trees.Where(tree => tree.RepositoryId == repositoryId && texts.Contains(tree.Id)).Select(tree => tree.Id).ToListAsync(ct))
            .Select(ObjectId.Parse).ToHashSet();
        return ([.. folders], [.. ids.Where(id => !folders.Contains(id))]);
    }

    private async Task<IReadOnlyList<ObjectId>> FindAsync(Guid repositoryId, List<string> names, CancellationToken ct)
    {
        if (names.Count == 0) return [];
        var bare = names.Select(name => name.Replace("refs/heads/", "", StringComparison.Ordinal).Replace("refs/tags/", "", StringComparison.Ordinal)).ToArray();
        var ids = await db.Refs.Where(named => named.RepositoryId == repositoryId && bare.Contains(named.Name)).Select(named => named.Revision).ToListAsync(ct);
        return [.. ids.Concat(names.Where(GitIds.IsId)).Select(ObjectId.Parse)];
    }
}
