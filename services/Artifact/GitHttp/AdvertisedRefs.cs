using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.GitHttp;

/// <param name="Target">What HEAD stands for; null: it is no HEAD.</param>
internal sealed record AdvertisedRef(string Id, string Name, string? Target = null);

internal static class AdvertisedRefs
{
    public const string Head = "HEAD";
    public const string Main = "refs/heads/" + Ref.Main;
    private const int Batch = 1000;

    /// <summary>HEAD first (when there is a main branch), then the others by name. Tags are what git calls light: they point at commits.</summary>
    public static async IAsyncEnumerable<AdvertisedRef> AdvertisedRefsAsync(this ArtifactDb db, Guid repositoryId, [EnumeratorCancellation] CancellationToken ct)
    {
        var refs = db.Refs.AsNoTracking().Where(named => named.RepositoryId == repositoryId);
        if (await refs.Where(named => named.Kind == RefKind.Branch && named.Name == Ref.Main).Select(named => named.Revision).SingleOrDefaultAsync(ct) is { } head)
            yield return new AdvertisedRef(head, Head, Main);
        // In batches: whoever reads them slowly must not hold a connection to the database as long.
        for (var (last, more) = (("", ""), true); more;)
        {
            var batch = await db.Refs.FromSql($"select * from refs where repository_id = {repositoryId} and (kind, name) > ({last.Item1}, {last.Item2}) order by kind, name limit {Batch}")
                .AsNoTracking().ToListAsync(ct);
            foreach (var named in batch) yield return new AdvertisedRef(named.Revision, NameOf(named));
            more = batch.Count == Batch;
            if (more) last = (batch[^1].Kind.ToString().ToLowerInvariant(), batch[^1].Name);
        }
    }

    private static string NameOf(Ref named) => named.Kind switch
    {
        RefKind.Branch => $"refs/heads/{named.Name}",
        RefKind.Tag => $"refs/tags/{named.Name}",
        _ => $"refs/aliases/{named.Name}",   // not among the tags: git takes it that those stay, and an alias moves
    };
}
