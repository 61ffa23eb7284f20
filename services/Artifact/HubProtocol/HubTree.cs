using Microsoft.AspNetCore.Http.Features;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Artifact.Xet;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>What a revision holds: a listing by pages, or what is at given paths.</summary>
internal static class HubTree
{
    private const int MaxPage = 1000, MaxPageWithCommits = 50, MaxPaths = 5000, MaxPathsWithCommits = 100, MaxPathsBytes = 8 << 20;

    public static void MapHubTree(this IEndpointRouteBuilder routes)
    {
        routes.MapGet($"{HubRoutes.Model}/tree/{{**rest}}", Tree);
        routes.MapPost($"{HubRoutes.Model}/paths-info/{{**rest}}", Paths);
    }

    private static async Task<IResult> Tree(
        string owner, string name, Caller caller, HttpContext context, ArtifactDb db, LastCommits commits, AnnounceXet xet, PublicUrl url, CancellationToken ct)
    {
        var (repository, target, refusal) = await FindAsync(owner, name, caller, context.Request, db, ct);
        if (target is null) return refusal!;
        FilePath? folder = null;
        if (target.Path.Length > 0 && !FilePath.TryParse(target.Path, out folder, out _)) return HubError.EntryUnknown(target.Path, target.Revision?.Id);
        if (target.Revision is null) return folder is null ? TypedResults.Json(Array.Empty<HubEntry>(), LenientJson.Options) : HubError.EntryUnknown(target.Path, null);

        var expand = context.Request.IsTrue("expand");
        var page = await db.ListTreeAsync(target.Revision, folder, context.Request.IsTrue("recursive"), HubLink.Cursor(context.Request),
            HubLink.Limit(context.Request, expand ? MaxPageWithCommits : MaxPage), ct, folders: true);
        if (page is null) return HubError.EntryUnknown(target.Path, target.Revision.Id);
        HubLink.Write(context.Response, url, page.Next);
        IReadOnlyList<HubEntry> entries = [.. page.Items.Select(one => HubEntry.Of(one.Path, one.Kind == "folder", one.GitId, one.Lfs, one.Sha256, one.SizeBytes))];
        entries = await AnnounceAsync(xet, entries, ct);
        return TypedResults.Json(expand ? await commits.AddAsync(target.Revision, entries, ct) : entries, LenientJson.Options);
    }

    private static async Task<IResult> Paths(
        string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, LastCommits commits, AnnounceXet xet, CancellationToken ct)
    {
        var (repository, target, refusal) = await FindAsync(owner, name, caller, request, db, ct);
        if (target is null) return refusal!;
        if (target.Path.Length > 0) return HubError.RevisionUnknown(HubTarget.NameAfter(request, HubRoutes.SkipApi));
        var (paths, expand) = await ReadPathsAsync(request, ct);
        if (paths.Count > (expand ? MaxPathsWithCommits : MaxPaths)) return HubError.BadInput($"Ask about at most {MaxPaths} paths at once, {MaxPathsWithCommits} with their commits.");
        if (target.Revision is not { } revision) return TypedResults.Json(Array.Empty<HubEntry>(), LenientJson.Options);

        // Paths of one call are mostly of a few folders: each is read once.
        var folders = new Dictionary<string, IReadOnlyList<TreeEntry>>(StringComparer.Ordinal);
        var entries = new List<HubEntry>();
        foreach (var asked in paths.Distinct(StringComparer.Ordinal))
            if (FilePath.TryParse(asked.TrimEnd('/'), out var path, out _) && await FindEntryAsync(path) is { } entry)
                entries.Add(HubEntry.Of(path.Value, entry.Kind == EntryKind.Folder, entry.GitId, entry.Lfs, entry.Sha256, entry.SizeBytes));
        IReadOnlyList<HubEntry> told = await AnnounceAsync(xet, entries, ct);
        return TypedResults.Json(expand ? await commits.AddAsync(revision, told, ct) : told, LenientJson.Options);

        async Task<TreeEntry?> FindEntryAsync(FilePath path)
        {
            var (tree, entry) = (revision.Tree, (TreeEntry?)null);
            foreach (var segment in path.Segments)
            {
                if (entry is { Kind: not EntryKind.Folder }) return null;
                if (!folders.TryGetValue(tree, out var there)) folders[tree] = there = await db.FolderAsync(repository!.Id, tree, ct);
                entry = there.FirstOrDefault(found => found.Name == segment);
                if (entry is null) return null;
                tree = entry.GitId;
            }
            return entry;
        }
    }

    private static async Task<IReadOnlyList<HubEntry>> AnnounceAsync(AnnounceXet xet, IReadOnlyList<HubEntry> entries, CancellationToken ct)
    {
        var hashes = await xet.HashesAsync(entries.Where(entry => entry.Lfs is not null).Select(entry => (entry.Lfs!.Oid, entry.Size)), ct);
        return hashes.Count == 0 ? entries : [.. entries.Select(entry => entry with { XetHash = entry.Lfs is null ? null : hashes.GetValueOrDefault(entry.Lfs.Oid) })];
    }

    private static async Task<(IReadOnlyList<string> Paths, bool Expand)> ReadPathsAsync(HttpRequest request, CancellationToken ct)
    {
        if (!request.HasFormContentType)
        {
            var asked = await LenientJson.ReadAsync<PathsRequest>(request, MaxPathsBytes, ct);
            return ([.. (asked.Paths ?? []).OfType<string>()], asked.Expand == true);
        }
        try
        {
            var form = await request.ReadFormAsync(new FormOptions { ValueCountLimit = MaxPaths + 10, BufferBodyLengthLimit = MaxPathsBytes }, ct);
            return ([.. form["paths"].OfType<string>()], form["expand"] is [{ } value, ..] && value.Equals("true", StringComparison.OrdinalIgnoreCase));
        }
        catch (InvalidDataException e)
        {
            throw new BadHttpRequestException(e.Message, e);
        }
    }

    private static async Task<(Repository? Repository, HubTarget? Target, HubError? Refusal)> FindAsync(
        string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(null, caller, owner, name, ct);
        if (repository is null) return (null, null, refusal);
        return await HubTarget.FindAsync(request, HubRoutes.SkipApi, repository.Id, db, ct) is { } target
            ? (repository, target, null)
            : (null, null, HubError.RevisionUnknown(HubTarget.NameAfter(request, HubRoutes.SkipApi)));
    }

    private sealed record PathsRequest(IReadOnlyList<string?>? Paths, bool? Expand);
}
