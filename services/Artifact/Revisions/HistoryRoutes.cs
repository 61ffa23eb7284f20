using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>What differs between revisions, what takes one back, and what makes one of many.</summary>
internal static class HistoryRoutes
{
    private const int MaxPage = 1000;

    public static void MapHistory(this IEndpointRouteBuilder routes)
    {
        var repository = routes.MapGroup("/api/v1/repositories/{owner}/{name}").WithTags("Revisions")
            .WithExample(null, ("owner", "example-lab"), ("name", "example-model"));
        repository.MapGet("/diff", Diff).WithName("CompareRevisions").RequireAuthorization(Policies.Read).ProducesProblem(404).WithPages(MaxPage)
            .WithSummary("Compare two revisions")
            .WithDescription("Files added, removed, changed and renamed (the same bytes under another path), by path. A file is told as renamed when both its paths are on the same page, else as removed and as added. Without 'from': what 'to' did to its parent. A page's 'from' and 'to' are ids; page on with them, since branches move.")
            .WithExample(null, ("to", "main"), ("limit", 100));
        repository.MapPost("/revisions/undo", Undo).WithName("UndoRevision").RequireAuthorization(Policies.Write)
            .ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithSummary("Take a revision back").WithDescription("A new revision upon the branch's head; 409 with the paths that later revisions touched; 200 with the head when nothing is left to take back.")
            .WithExample(new UndoRevisionOf("2", "0000000000000000000000000000000000000000")).WithExampleFrom("body.expectedParent", "CompareRevisions.to").WithExampleFrom("body.revision", "CompareRevisions.to");
        repository.MapPost("/branches/{reference}/squash", Squash).WithName("SquashBranch").RequireAuthorization(Policies.Write)
            .ProducesProblem(404).ProducesProblem(409).ProducesProblem(422)
            .WithSummary("Make one revision of a branch's history").WithDescription("With the same files, and no parent or an ancestor as parent. What it replaces stays while a tag, alias or other branch reaches it, else it becomes garbage.")
            .WithExample(new SquashHistory("One revision", "0000000000000000000000000000000000000000"), ("reference", "main")).WithExampleFrom("body.expectedRevision", "UndoRevision.id");
    }

    private static async Task<Results<Ok<DiffPage>, ProblemHttpResult>> Diff(
        string owner, string name, Caller caller, ArtifactDb db, CancellationToken ct, string? from = null, string to = Ref.Main, string? after = null, int limit = MaxPage)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        if (await db.FindRevisionAsync(repository.Id, to, ct) is not { } @new) return ArtifactProblems.RevisionUnknown(to);
        var old = (from ?? @new.Parent) is { } named ? await db.FindRevisionAsync(repository.Id, named, ct) : null;
        if (from is not null && old is null) return ArtifactProblems.RevisionUnknown(from);
        var files = await new TreeDiff(new Folders(db, repository.Id), after, limit + 1).RunAsync(old?.Tree, @new.Tree, ct);
        return TypedResults.Ok(new DiffPage(old?.Id, @new.Id, Renames.Paired(files.Take(limit).Select(View)), files.Count > limit ? files[limit - 1].Path : null));
    }

    private static async Task<Results<Created<RevisionView>, Ok<RevisionView>, ProblemHttpResult>> Undo(
        string owner, string name, JsonBody<UndoRevisionOf> body, Caller caller, ArtifactDb db, UndoRevision undo, IOptions<ArtifactOptions> options, ILoggerFactory logs, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Contributor, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var ask = await body.ReadAsync(ct);
        if (!RefName.TryParse(ask.Branch, out var branch, out var invalid)) return ArtifactProblems.RefInvalid(ask.Branch, invalid);
        if (ask.Message is not null && RevisionRoutes.MessageRefusal(ask.Message) is { } wrong) return wrong;
        return await undo.RunAsync(repository.Id, ask.Revision, branch, ask.ExpectedParent, ask.Message, caller, ct) switch
        {
            UndoOutcome.NoSuchRevision => ArtifactProblems.RevisionUnknown(ask.Revision),
            UndoOutcome.Conflict conflict => ArtifactProblems.UndoConflict(ask.Revision, conflict.Paths),
            UndoOutcome.Nothing nothing => TypedResults.Ok(RevisionQueries.View(nothing.Head)),
            UndoOutcome.Tried tried => RevisionRoutes.Answer(tried.Outcome, repository, branch, caller, options.Value, logs),
            var other => throw new InvalidOperationException($"{other} is no outcome of taking a revision back."),
        };
    }

    private static async Task<Results<Created<RevisionView>, ProblemHttpResult>> Squash(
        string owner, string name, string reference, JsonBody<SquashHistory> body, Caller caller, ArtifactDb db, SquashBranch squash, ILoggerFactory logs, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Maintainer, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var ask = await body.ReadAsync(ct);
        if (RevisionRoutes.MessageRefusal(ask.Message) is { } wrong) return wrong;
        if (!RefName.TryParse(reference, out var branch, out _)) return ArtifactProblems.RefUnknown(reference);
        switch (await squash.RunAsync(repository.Id, branch, ask.ExpectedRevision, ask.Onto, ask.Message, caller, ct))
        {
            case SquashOutcome.Squashed { Revision: var made }:
                logs.CreateLogger(typeof(HistoryRoutes)).BranchSquashed(branch.Value, repository.Id, made.Id, caller.Subject);
                return TypedResults.Created($"/api/v1/repositories/{repository.Owner.Name}/{repository.Name}/revisions/{made.Id}", RevisionQueries.View(made));
            case SquashOutcome.NoSuchBranch:
                return ArtifactProblems.RefUnknown(reference);
            case SquashOutcome.Moved moved:
                return ArtifactProblems.RefMoved(branch.Value, moved.Revision);
            case SquashOutcome.NoAncestor:
                return ArtifactProblems.NoAncestor(ask.Onto!, branch.Value);
            default:
                return ArtifactProblems.RepositoryUnknown(owner, name);
        }
    }

    private static FileDifferenceView View(FileDifference file) => new(
        file.Old is null ? "added" : file.New is null ? "removed" : "changed", file.Path, null, file.Old?.Sha256, file.New?.Sha256, file.Old?.SizeBytes, file.New?.SizeBytes);
}
