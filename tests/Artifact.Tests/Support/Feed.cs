using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Contracts.Feeds;

namespace ZooPlatform.Artifact.Tests.Support;

internal static class Feed
{
    /// <summary>All of Artifact's feed as it is now.</summary>
    public static async Task<IReadOnlyList<Change<RepositoryState>>> ReadAsync(ArtifactApp app)
    {
        var changes = new List<Change<RepositoryState>>();
        for (long after = 0; ;)
        {
            var page = await app.AService().GetJsonAsync<ChangePage<RepositoryState>>($"/internal/changes?after={after}&limit=1000");
            if (page.Items.Count == 0) return changes;
            changes.AddRange(page.Items);
            after = page.Next;
        }
    }
}
