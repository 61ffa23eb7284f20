using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Artifact.Owners;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Repositories;

internal static class RepositoryRoutes
{
    private const int MaxDescriptionChars = 1000;
    private const int MaxPage = 100;

    public static void MapRepositories(this IEndpointRouteBuilder routes)
    {
        var repositories = routes.MapGroup("/api/v1/repositories").WithTags("Repositories");
        repositories.MapGet("/", List).WithName("ListRepositories").RequireAuthorization(Policies.Read).WithPages(MaxPage)
            .WithSummary("List repositories").WithDescription("Those that the caller may read, newest first.").WithExample(null, ("owner", "samples"), ("limit", 10));
        repositories.MapPost("/", Create).WithName("CreateRepository").RequireAuthorization(Policies.Write).ProducesProblem(409).ProducesProblem(422)
            .WithSummary("Create a repository").WithDescription("Under the caller's own name, or an organisation in which they are at least contributor.")
            .WithExample(new CreateRepository("example-lab", "example-model", Visibility.Public, "Says hello"));
        repositories.MapGet("/{owner}/{name}", Get).WithName("GetRepository").RequireAuthorization(Policies.Read).ProducesProblem(404)
            .WithSummary("Get a repository");
        repositories.MapPatch("/{owner}/{name}", Update).WithName("UpdateRepository").RequireAuthorization(Policies.Write).ProducesProblem(404).ProducesProblem(422)
            .WithSummary("Change a repository").WithDescription("Its description: maintainers. Who may see it: owners. What is absent stays.")
            .WithExample(new UpdateRepository(Description: "Says hello to everybody"), ("owner", "example-lab"), ("name", "example-model"));
        repositories.MapDelete("/{owner}/{name}", Delete).WithName("DeleteRepository").RequireAuthorization(Policies.Write).ProducesProblem(404)
            .WithSummary("Delete a repository").WithDescription("With its history. The name stays taken for its owner.")
            .WithExample(null, ("owner", "example-lab"), ("name", "example-model"));
    }

    private static async Task<Ok<Page<RepositoryView>>> List(
        Caller caller, ArtifactDb db, CancellationToken ct, string? owner = null, Guid? after = null, int limit = MaxPage)
    {
        var query = db.Repositories.VisibleTo(caller).AsNoTracking().Where(repository => repository.DeletedAt == null && !repository.Owner.Deleted);
        if (owner?.ToLowerInvariant() is { } folded) query = query.Where(repository => repository.Owner.Name.ToLower() == folded);
        if (after is { } last) query = query.Where(repository => repository.Id < last);   // newest first: ids grow with time
        var rows = await query.OrderByDescending(repository => repository.Id).Take(limit + 1)
            .Include(repository => repository.Owner)
            .Include(repository => repository.Grants.Where(grant => grant.UserId == caller.UserId))
            .ToListAsync(ct);
        var page = rows.Take(limit).ToList();
        var heads = await db.HeadsAsync([.. page.Select(repository => repository.Id)], ct);
        return TypedResults.Ok(new Page<RepositoryView>(
            [.. page.Select(repository => RepositoryQueries.View(repository, caller, heads))], rows.Count > limit ? page[^1].Id.ToString() : null));
    }

    private static async Task<Results<Created<RepositoryView>, ProblemHttpResult>> Create(
        CreateRepository ask, Caller caller, ArtifactDb db, AddRepository add, IOptions<ArtifactOptions> options, ILoggerFactory logs, CancellationToken ct)
    {
        if (!RepositoryName.TryParse(ask.Name, out var name, out var refusal)) return ArtifactProblems.NameInvalid(ask.Name, refusal);
        if (ask.Description?.Length > MaxDescriptionChars) return ArtifactProblems.DescriptionTooLong(MaxDescriptionChars);
        switch (await add.RunAsync(name, ask, caller, ct))
        {
            case AddOutcome.Added added:
                var view = await db.ViewAsync(added.Repository, caller, ct) with { MaxFileBytes = options.Value.MaxBlobBytes };
                logs.CreateLogger(typeof(RepositoryRoutes)).RepositoryCreated(view.Id, view.Owner, view.Name, caller.Subject);
                return TypedResults.Created($"/api/v1/repositories/{view.Owner}/{view.Name}", view);
            case AddOutcome.Taken:
                return ArtifactProblems.NameTaken(ask.Owner, name.Value);
            case AddOutcome.Retired:
                return ArtifactProblems.NameRetired(ask.Owner, name.Value);
            default:
                return ArtifactProblems.OwnerNotYours(ask.Owner);
        }
    }

    private static async Task<Results<Ok<RepositoryView>, ProblemHttpResult>> Get(
        string owner, string name, Caller caller, ArtifactDb db, IOptions<ArtifactOptions> options, CancellationToken ct) =>
        await db.FindAsync(caller, owner, name, ct) is { } repository
            ? TypedResults.Ok(await db.ViewAsync(repository, caller, ct) with { MaxFileBytes = options.Value.MaxBlobBytes })
            : ArtifactProblems.RepositoryUnknown(owner, name);

    private static async Task<Results<Ok<RepositoryView>, ProblemHttpResult>> Update(
        string owner, string name, JsonBody<UpdateRepository> body, Caller caller, ArtifactDb db, ChangeRepository change, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Maintainer, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var ask = await body.ReadAsync(ct);
        // Who may see it is the owners' business; the rest is the maintainers'.
        if (ask.Visibility is not null && repository.RoleOf(caller) is not Role.Owner) return ArtifactProblems.RoleNeeded(Role.Owner, owner, name);
        if (ask.Description?.Length > MaxDescriptionChars) return ArtifactProblems.DescriptionTooLong(MaxDescriptionChars);
        var changed = await change.RunAsync(repository.Id, row =>
        {
            row.Visibility = ask.Visibility ?? row.Visibility;
            row.Description = ask.Description ?? row.Description;
        }, ct);
        return changed is null ? ArtifactProblems.RepositoryUnknown(owner, name) : TypedResults.Ok(await db.ViewAsync(changed, caller, ct));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string owner, string name, Caller caller, ArtifactDb db, TimeProvider time, ILoggerFactory logs, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Maintainer, caller, owner, name, ct);
        if (repository is null) return refusal!;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.TombstoneAsync(repository.Id, time.GetUtcNow(), ct);
        await transaction.CommitAsync(ct);
        logs.CreateLogger(typeof(RepositoryRoutes)).RepositoryDeleted(repository.Id, caller.Subject);
        return TypedResults.NoContent();
    }
}
