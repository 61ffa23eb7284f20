using System.IO.Compression;
using Microsoft.Net.Http.Headers;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Archives;

/// <summary>A revision as one file, made while it is sent.</summary>
internal static class ArchiveRoutes
{
    private const string Model = "model.onnx";
    private static readonly string[] s_reads = ["GET", "HEAD"];

    public static void MapArchives(this IEndpointRouteBuilder routes)
    {
        var archives = routes.MapGroup("/api/v1/repositories/{owner}/{name}/archive").WithTags("Files").RequireAuthorization(Policies.Read);
        archives.MapMethods("/{archive}", s_reads, Get).WithName("GetArchive")
            .Produces<Stream>(200, "application/x-tar", "application/gzip", "application/zip").ProducesProblem(404).ProducesProblem(416)
            .WithSummary("Download a revision as an archive").WithDescription("Of all its files, or of one folder. `.tar` and `.zip` have a length and answer ranges, so that a download can go on; `.tar.gz` does not.")
            .WithExample(null, ("archive", "main.tar"));
        archives.MapMethods("/{revision}/model.onnx.tar.gz", s_reads, GetModel).WithName("GetModelArchive")
            .Produces<Stream>(200, "application/gzip").ProducesProblem(404)
            .WithSummary("Download model.onnx with its external data").WithDescription("As `model.onnx.tar.gz` was in the SparseZoo: model.onnx and what it needs beside it, without a folder.")
            .WithExample(null, ("revision", "main"));
    }

    private static async Task<IResult> Get(
        string owner, string name, string archive, Caller caller, ArtifactDb db, SendArchive send, ListingTurns turns, HttpResponse response, CancellationToken ct, string? path = null)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        if (ArchiveName.Parse(archive) is not { } parsed) return ArtifactProblems.ArchiveFormatUnknown(archive);
        if (await db.FindRevisionAsync(repository.Id, parsed.Revision, ct) is not { } revision) return ArtifactProblems.RevisionUnknown(parsed.Revision);
        if (await IsBusyAsync(turns, revision, response, ct)) return ArtifactProblems.ListingsBusy;
        if (await FilesAsync(db, revision, path, ct) is not { } files) return ArtifactProblems.FolderUnknown(path!);
        Tell(response, repository, revision);
        var stem = $"{repository.Name}-{revision.Id[..7]}";
        return await send.RunAsync(parsed.Format, new ArchiveContents(files, stem + "/", revision.CreatedAt), stem, $"{revision.Id}-{repository.Name}", response.HttpContext.Request, ct);
    }

    private static async Task<IResult> GetModel(
        string owner, string name, string revision, Caller caller, ArtifactDb db, SendArchive send, ListingTurns turns, HttpResponse response, CancellationToken ct, string? path = null)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        if (await db.FindRevisionAsync(repository.Id, revision, ct) is not { } found) return ArtifactProblems.RevisionUnknown(revision);
        if (await IsBusyAsync(turns, found, response, ct)) return ArtifactProblems.ListingsBusy;
        if (await FilesAsync(db, found, path, ct) is not { } files) return ArtifactProblems.FolderUnknown(path!);
        // External data lies beside the model, whatever its folder: model.data, model.onnx.data, model.onnx_data, model.onnx_data_1...
        var below = string.IsNullOrEmpty(path) ? 0 : path.Length + 1;
        var beside = files.Select(file => file with { Path = file.Path[below..] }).Where(file => !file.Path.Contains('/', StringComparison.Ordinal)).ToList();
        if (!beside.Exists(file => file.Path == Model)) return ArtifactProblems.ArchiveWithoutModel(path ?? "");
        Tell(response, repository, found);
        var parts = beside.Where(file => file.Path == Model || file.Path == "model.data" || file.Path.StartsWith("model.onnx_data", StringComparison.Ordinal)
            || file.Path.StartsWith("model.onnx.data", StringComparison.Ordinal)).ToList();
        return await send.RunAsync(ArchiveFormat.TarGz, new ArchiveContents(parts, "", found.CreatedAt), Model, found.Id, response.HttpContext.Request, ct);
    }

    /// <summary>Waits until the names of the revision's files may be held as long as the answer takes.</summary>
    private static async Task<bool> IsBusyAsync(ListingTurns turns, Revision revision, HttpResponse response, CancellationToken ct)
    {
        if (await turns.TakeAsync(revision.FileCount, ct) is { } turn)
        {
            response.RegisterForDispose(turn);
            return false;
        }
        response.Headers.RetryAfter = "5";
        return true;
    }

    /// <returns>Null: there is no such folder.</returns>
    private static async Task<IReadOnlyList<KitFile>?> FilesAsync(ArtifactDb db, Revision revision, string? path, CancellationToken ct)
    {
        if (string.IsNullOrEmpty(path)) return await db.KitFilesAsync(revision.RepositoryId, revision.Tree, "", ct);
        return FilePath.TryParse(path, out var folder, out _) && await db.FindEntryAsync(revision, folder, ct) is { Kind: EntryKind.Folder } entry
            ? await db.KitFilesAsync(revision.RepositoryId, entry.GitId, folder.Value + "/", ct) : null;
    }

    private static void Tell(HttpResponse response, Repository repository, Revision revision)
    {
        response.Headers.CacheControl = repository.Visibility == Visibility.Public ? "no-cache" : "private, no-store";
        response.Headers["X-Revision"] = revision.Id;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
    }
}

internal enum ArchiveFormat
{
    Tar,
    TarGz,
    Zip,
}

/// <summary><c>main.tar.gz</c>: a revision's id, a branch or a tag, and a format.</summary>
internal sealed record ArchiveName(string Revision, ArchiveFormat Format)
{
    /// <returns>Null: the end names no format.</returns>
    public static ArchiveName? Parse(string text)
    {
        foreach (var (ending, format) in new[] { (".tar.gz", ArchiveFormat.TarGz), (".tgz", ArchiveFormat.TarGz), (".tar", ArchiveFormat.Tar), (".zip", ArchiveFormat.Zip) })
            if (text.Length > ending.Length && text.EndsWith(ending, StringComparison.Ordinal)) return new ArchiveName(text[..^ending.Length], format);
        return null;
    }
}

/// <param name="Files">By path.</param>
/// <param name="Prefix">Stands before each path.</param>
internal sealed record ArchiveContents(IReadOnlyList<KitFile> Files, string Prefix, DateTimeOffset At);

/// <summary>Answers an archive: tar and zip conditional and by ranges, tar.gz as it comes. Lost files are looked for before a whole one begins;
/// one that gets lost later breaks it off.</summary>
internal sealed class SendArchive(IBlobStore store, FindCrcs crcs, Suspects suspects, ILogger<SendArchive> logger)
{
    private const int CopyBytes = 256 * 1024;

    /// <param name="stem">The file's name without its ending.</param>
    /// <param name="version">Of what is in it; for the ETag.</param>
    public async Task<IResult> RunAsync(ArchiveFormat format, ArchiveContents contents, string stem, string version, HttpRequest request, CancellationToken ct)
    {
        if (HttpMethods.IsGet(request.Method) && request.Headers.Range.Count == 0
            && await store.FindLostAsync([.. contents.Files.Select(file => new BlobRef(file.Hash, file.SizeBytes))], ct) is [var lost, ..])
        {
            logger.BlobDamaged(lost.Hash.Value, lost.SizeBytes);
            return ArtifactProblems.BlobDamaged(contents.Files.First(file => file.Hash == lost.Hash).Path);
        }
        IArchiveLayout layout = format == ArchiveFormat.Zip ? new ZipLayout(contents.Files, contents.Prefix, contents.At, crcs.Of(contents.Files)) : new TarLayout(contents.Files, contents.Prefix, contents.At);
        var archive = new ArchiveStream(layout, store, suspects, logger);
        request.HttpContext.Response.RegisterForDispose(archive);
        var tag = Tag(version, weak: format == ArchiveFormat.TarGz);
        // What stands before the first blob would be sent, and with it 200, before that is found to be out of reach.
        if (HttpMethods.IsGet(request.Method) && !IsKnown(request, tag)) await archive.BeginAsync(format == ArchiveFormat.TarGz ? 0 : FirstByteOf(request), ct);
        return format switch
        {
            ArchiveFormat.Tar => TypedResults.Stream(archive, "application/x-tar", stem + ".tar", contents.At, tag, enableRangeProcessing: true),
            ArchiveFormat.Zip => TypedResults.Stream(archive, "application/zip", stem + ".zip", contents.At, tag, enableRangeProcessing: true),
            _ => TypedResults.Stream(output => CompressAsync(archive, output), "application/gzip", stem + ".tar.gz", contents.At, tag),
        };
    }

    private static async Task CompressAsync(ArchiveStream tar, Stream output)
    {
        var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);
        await tar.CopyToAsync(gzip, CopyBytes);
        await gzip.DisposeAsync();   // not when it broke: that would write a good end
    }

    /// <summary>Then nothing is sent.</summary>
    private static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag) => request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false));

    /// <summary>Of one range; of others all is sent, or nothing.</summary>
    private static long FirstByteOf(HttpRequest request) => request.GetTypedHeaders().Range is { Ranges.Count: 1 } range ? range.Ranges.Single().From ?? 0 : 0;

    private static EntityTagHeaderValue Tag(string version, bool weak) => new($"\"{version}-1\"", weak);
}
