using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Benchmark.Repositories;

/// <summary>Finds the file that a caller wants to run, and says no where ONNX Runtime must not see it: only what Catalog inspected and
/// found fit is ever found.</summary>
internal sealed class FindModelFile(BenchmarkDb db)
{
    private const string MainBranch = "main";

    /// <param name="path"><c>owner/name</c>.</param>
    /// <param name="revision"><c>main</c>, or the id of the revision that main points at; null: main.</param>
    /// <param name="file">Null: the first fit one.</param>
    public async Task<FileOutcome> RunAsync(Caller caller, string path, string? revision, string? file, CancellationToken ct)
    {
        if (await RepositoryAsync(caller, path, ct) is not { } repository)
        {
            return new FileOutcome.RepositoryUnknown(path);
        }

        if (repository.Head is null)
        {
            return new FileOutcome.Empty(path);
        }

        var model = await db.Models.AsNoTracking().SingleOrDefaultAsync(model => model.Id == repository.Id, ct);
        if (revision is not null && revision != MainBranch && revision != repository.Head && revision != model?.Revision)
        {
            return new FileOutcome.RevisionUnknown(path, revision, repository.Head);
        }

        if (model?.Revision is null || (model.Revision != repository.Head && revision != model.Revision))
        {
            return new FileOutcome.InspectionPending(path, repository.Head);
        }

        return Choose(repository, model.Revision, model.Files, file);
    }

    /// <summary>The repository of this path, if the caller may read it.</summary>
    public async Task<Repository?> RepositoryAsync(Caller caller, string path, CancellationToken ct)
    {
        if (path.Split('/') is not [var owner, var name])
        {
            return null;
        }

        var (ownerKey, nameKey) = (owner.ToLowerInvariant(), name.ToLowerInvariant());
        return await db.Repositories.VisibleTo(caller).AsNoTracking()
            .FirstOrDefaultAsync(repository => repository.Owner.ToLower() == ownerKey && repository.Name.ToLower() == nameKey, ct);
    }

    private static FileOutcome Choose(Repository repository, string revision, List<ModelFileState> files, string? wanted)
    {
        if (wanted is null)
        {
            return files.Find(file => file.Fit == true) is { } first
                ? new FileOutcome.Found(repository, revision, first)
                : files.Find(file => file.Fit == false) is { } unfit ? new FileOutcome.Unfit(unfit) : new FileOutcome.NoneFit(repository.Path);
        }

        return files.Find(file => file.Path == wanted) switch
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

    public sealed record RevisionUnknown(string Path, string Revision, string Head) : FileOutcome;

    public sealed record InspectionPending(string Path, string Head) : FileOutcome;

    public sealed record FileUnknown(string Path, string File) : FileOutcome;

    /// <summary>Of another format, or with a finding that keeps it from ONNX Runtime.</summary>
    public sealed record Unfit(ModelFileState File) : FileOutcome;

    public sealed record NoneFit(string Path) : FileOutcome;
}
