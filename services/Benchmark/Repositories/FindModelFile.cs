using ZooPlatform.Contracts.Catalog;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Benchmark.Repositories;

/// <summary>Finds the file that a caller wants to run, and says no where ONNX Runtime must not see it: only what Catalog inspected and
/// found fit is ever found.</summary>
internal sealed class FindModelFile(KnownModels known, InspectedRevisions revisions)
{
    private const string MainBranch = "main";

    /// <param name="path"><c>owner/name</c>.</param>
    /// <param name="revision">An id, a branch or a tag; null: main.</param>
    /// <param name="file">Null: the first fit one.</param>
    /// <exception cref="HttpRequestException">A revision that is not main's was asked for, and Artifact or Catalog is out of reach.</exception>
    public async ValueTask<FileOutcome> RunAsync(Caller caller, string path, string? revision, string? file, CancellationToken ct)
    {
        if (await known.FindAsync(caller, path, ct) is not var (repository, model))
        {
            return new FileOutcome.RepositoryUnknown(path);
        }

        if (repository.Head is null)
        {
            return new FileOutcome.Empty(path);
        }

        if (revision is null or MainBranch || revision == repository.Head)
        {
            return model?.Revision == repository.Head
                ? Choose(repository, repository.Head, model.Files, file)
                : new FileOutcome.InspectionPending(path, repository.Head);
        }

        var id = revision == model?.Revision ? revision : await revisions.ResolveAsync(repository.Id, revision, ct);
        if (id is not null && id == model?.Revision)
        {
            return Choose(repository, id, model.Files, file);
        }

        return id is not null && await revisions.FilesAsync(repository.Id, id, ct) is { } files
            ? Choose(repository, id, files, file)
            : new FileOutcome.RevisionUnknown(path, revision);
    }

    /// <summary>The repository of this path, if the caller may read it.</summary>
    public async ValueTask<Repository?> RepositoryAsync(Caller caller, string path, CancellationToken ct) =>
        (await known.FindAsync(caller, path, ct))?.Repository;

    private static FileOutcome Choose(Repository repository, string revision, IReadOnlyList<ModelFileState> files, string? wanted)
    {
        if (wanted is null)
        {
            return files.FirstOrDefault(file => file.Fit == true) is { } first
                ? new FileOutcome.Found(repository, revision, first)
                : files.FirstOrDefault(file => file.Fit == false) is { } unfit ? new FileOutcome.Unfit(unfit) : new FileOutcome.NoneFit(repository.Path);
        }

        return files.FirstOrDefault(file => file.Path == wanted) switch
        {
            null => new FileOutcome.FileUnknown(repository.Path, wanted),
            { Fit: true } file => new FileOutcome.Found(repository, revision, file),
            var file => new FileOutcome.Unfit(file),
        };
    }
}

internal abstract record FileOutcome
{
    public sealed record Found(Repository Repository, string Revision, ModelFileState File) : FileOutcome;

    public sealed record RepositoryUnknown(string Path) : FileOutcome;

    public sealed record Empty(string Path) : FileOutcome;

    public sealed record RevisionUnknown(string Path, string Revision) : FileOutcome;

    public sealed record InspectionPending(string Path, string Head) : FileOutcome;

    public sealed record FileUnknown(string Path, string File) : FileOutcome;

    /// <summary>Of another format, or with a finding that keeps it from ONNX Runtime.</summary>
    public sealed record Unfit(ModelFileState File) : FileOutcome;

    public sealed record NoneFit(string Path) : FileOutcome;
}
