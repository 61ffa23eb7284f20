using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Archives;
using ZooPlatform.Artifact.Revisions;

namespace ZooPlatform.Artifact.Oci;

internal abstract record ManifestOutcome
{
    internal sealed record Found(OciDocument Manifest) : ManifestOutcome;

    internal sealed record Unknown : ManifestOutcome;

    /// <param name="SizeBytes">More than clients take.</param>
    internal sealed record TooLarge(long SizeBytes, int Files) : ManifestOutcome;
}

/// <summary>A revision's manifest: what was answered once, or made now and kept together with its config. Safe to repeat.</summary>
internal sealed class FindManifest(ArtifactDb db)
{
    /// <summary>Of a repository without a ref of that name.</summary>
    private const string Latest = "latest";

    /// <summary>What clients of OCI read at most of a manifest.</summary>
    private const int MaxBytes = 4 << 20;

    /// <summary>A layer takes more than that: its digest and media type alone.</summary>
    private const int MinLayerBytes = 300;

    public async Task<ManifestOutcome> RunAsync(Guid repositoryId, string reference, CancellationToken ct)
    {
        if (OciDigest.TryParse(reference, out var hash))
            return await db.OciDocuments.AsNoTracking().SingleOrDefaultAsync(
                document => document.RepositoryId == repositoryId && document.Sha256 == hash.Value && document.Kind == OciDocumentKind.Manifest, ct) is { } known
                ? new ManifestOutcome.Found(known) : new ManifestOutcome.Unknown();

        var revision = await db.FindRevisionAsync(repositoryId, reference, ct);
        if (revision is null && reference == Latest) revision = await db.FindRevisionAsync(repositoryId, Ref.Main, ct);
        if (revision is null) return new ManifestOutcome.Unknown();
        if (await StoredAsync(revision, ct) is { } stored) return new ManifestOutcome.Found(stored);

        // Looked at before a list of all files is made, only to be refused.
        if ((long)revision.FileCount * MinLayerBytes > MaxBytes) return new ManifestOutcome.TooLarge((long)revision.FileCount * MinLayerBytes, revision.FileCount);
        var (config, manifest) = ModelPack.Of(revision, await db.KitFilesAsync(repositoryId, revision.Tree, "", ct));
        if (manifest.Content.Length > MaxBytes) return new ManifestOutcome.TooLarge(manifest.Content.Length, revision.FileCount);
        await db.Database.ExecuteSqlAsync($"""
            insert into oci_documents (repository_id, sha256, revision, kind, content)
            values ({repositoryId}, {config.Sha256}, {revision.Id}, 'config', {config.Content}), ({repositoryId}, {manifest.Sha256}, {revision.Id}, 'manifest', {manifest.Content})
            on conflict do nothing
            """, ct);
        return new ManifestOutcome.Found(await StoredAsync(revision, ct) ?? manifest);
    }

    private Task<OciDocument?> StoredAsync(Revision revision, CancellationToken ct) => db.OciDocuments.AsNoTracking().SingleOrDefaultAsync(
        document => document.RepositoryId == revision.RepositoryId && document.Revision == revision.Id && document.Kind == OciDocumentKind.Manifest, ct);
}
