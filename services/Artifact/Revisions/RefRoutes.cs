using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Revisions;

/// <summary>Branches, tags and aliases. Contributors begin branches; moving and deleting them, and all tags and aliases, is the maintainers' business.</summary>
internal static class RefRoutes
{
    private const int MaxPage = 1000;
    private const int MaxMessageChars = 1000;

    public static void MapRefs(this IEndpointRouteBuilder routes)
    {
        foreach (var (path, kind, word, example) in new[] { ("branches", RefKind.Branch, "branch", "next"), ("tags", RefKind.Tag, "tag", "v1"), ("aliases", RefKind.Alias, "alias", "prod") })
        {
            var refs = routes.MapGroup($"/api/v1/repositories/{{owner}}/{{name}}/{path}").WithTags("Branches, tags and aliases");
            refs.MapGet("/", (string owner, string name, Caller caller, ArtifactDb db, CancellationToken ct, string? after = null, int limit = MaxPage) =>
                List(kind, owner, name, after, limit, caller, db, ct)).WithName($"List{char.ToUpperInvariant(path[0])}{path[1..]}").RequireAuthorization(Policies.Read).ProducesProblem(404)
                .WithPages(MaxPage).WithSummary($"List {path}").WithDescription("By name.").WithExample(null, ("limit", 100));
            refs.MapPut("/{reference}", (string owner, string name, string reference, JsonBody<SetRef> body, Caller caller, ArtifactDb db, SetReference set, CancellationToken ct) =>
                Set(kind, owner, name, reference, body, caller, db, set, ct)).WithName($"Set{kind}").RequireAuthorization(Policies.Write)
                .ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).WithSummary($"Set {Article(kind)} {word}").WithDescription("New without expectedRevision; else moved, when it still points there.")
                .WithExample(new SetRef("d1a2f3b4c5d6e7f8091a2b3c4d5e6f7081920a1b"), ("owner", "example-lab"), ("name", "example-model"), ("reference", example))
                .WithExampleFrom("body.revision", "CreateRevision.id");
            refs.MapDelete("/{reference}", (string owner, string name, string reference, Caller caller, ArtifactDb db, SetReference set, CancellationToken ct) =>
                Delete(kind, owner, name, reference, caller, db, set, ct)).WithName($"Delete{kind}").RequireAuthorization(Policies.Write)
                .ProducesProblem(404).ProducesProblem(409).WithSummary($"Delete {Article(kind)} {word}").WithDescription("What it pointed at stays, by its id.")
                .WithExample(null, ("owner", "example-lab"), ("name", "example-model"), ("reference", example));
        }
        var alias = routes.MapGroup("/api/v1/repositories/{owner}/{name}/aliases/{reference}").WithTags("Branches, tags and aliases").RequireAuthorization(Policies.Read)
            .WithExample(null, ("owner", "example-lab"), ("name", "example-model"), ("reference", "prod"));
        alias.MapGet("", GetAlias).WithName("GetAlias").ProducesProblem(404).WithSummary("Get an alias");
        alias.MapGet("/history", History).WithName("ListAliasMoves").ProducesProblem(404).WithPages(MaxPage)
            .WithSummary("List an alias's moves").WithDescription("Newest first: who moved it when, from where to where. Also of one that was deleted.").WithExample(null, ("limit", 100));
    }

    private static async Task<Results<Ok<Page<RefView>>, ProblemHttpResult>> List(
        RefKind kind, string owner, string name, string? after, int limit, Caller caller, ArtifactDb db, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        var last = after ?? "";
        var rows = await db.Refs.AsNoTracking().Where(found => found.RepositoryId == repository.Id && found.Kind == kind && string.Compare(found.Name, last) > 0)
            .OrderBy(found => found.Name).Take(limit + 1)
            .Select(found => new RefView(found.Name, found.Revision, found.UpdatedAt, found.Message)).ToListAsync(ct);
        return TypedResults.Ok(new Page<RefView>([.. rows.Take(limit)], rows.Count > limit ? rows[limit - 1].Name : null));
    }

    private static async Task<Results<Ok<RefView>, ProblemHttpResult>> Set(
        RefKind kind, string owner, string name, string reference, JsonBody<SetRef> body, Caller caller, ArtifactDb db, SetReference set, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(kind == RefKind.Branch ? Role.Contributor : Role.Maintainer, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var ask = await body.ReadAsync(ct);
        if (ask.ExpectedRevision is not null && repository.RoleOf(caller) < Role.Maintainer) return ArtifactProblems.RoleNeeded(Role.Maintainer, owner, name);
        if (ask.Message?.Length > MaxMessageChars) return ArtifactProblems.RefMessageTooLong(MaxMessageChars);
        if (!RefName.TryParse(reference, out var refName, out var invalid)) return ArtifactProblems.RefInvalid(reference, invalid);
        return await set.RunAsync(repository.Id, kind, refName, ask, caller, ct) switch
        {
            SetOutcome.Done done => TypedResults.Ok(new RefView(done.Ref.Name, done.Ref.Revision, done.Ref.UpdatedAt, done.Ref.Message)),
            SetOutcome.Moved moved => ArtifactProblems.RefMoved(refName.Value, moved.Revision),
            SetOutcome.OtherKind => ArtifactProblems.RefKindTaken(refName.Value),
            SetOutcome.NoSuchRevision => ArtifactProblems.RevisionUnknown(ask.Revision),
            _ => ArtifactProblems.RepositoryUnknown(owner, name),
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        RefKind kind, string owner, string name, string reference, Caller caller, ArtifactDb db, SetReference set, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Maintainer, caller, owner, name, ct);
        if (repository is null) return refusal!;
        if (kind == RefKind.Branch && reference == Ref.Main) return ArtifactProblems.MainStays;
        return await set.DeleteAsync(repository.Id, kind, reference, caller, ct) ? TypedResults.NoContent() : ArtifactProblems.RefUnknown(reference);
    }

    private static async Task<Results<Ok<RefView>, ProblemHttpResult>> GetAlias(
        string owner, string name, string reference, Caller caller, ArtifactDb db, CancellationToken ct)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        return await db.Refs.AsNoTracking().SingleOrDefaultAsync(
            found => found.RepositoryId == repository.Id && found.Kind == RefKind.Alias && found.Name == reference, ct) is { } alias
            ? TypedResults.Ok(new RefView(alias.Name, alias.Revision, alias.UpdatedAt, alias.Message))
            : ArtifactProblems.RefUnknown(reference);
    }

    private static async Task<Results<Ok<Page<AliasMoveView>>, ProblemHttpResult>> History(
        string owner, string name, string reference, Caller caller, ArtifactDb db, CancellationToken ct, long? after = null, int limit = MaxPage)
    {
        if (await db.FindAsync(caller, owner, name, ct) is not { } repository) return ArtifactProblems.RepositoryUnknown(owner, name);
        var before = after ?? long.MaxValue;
        var rows = await db.AliasMoves.AsNoTracking().Where(move => move.RepositoryId == repository.Id && move.Alias == reference && move.Number < before)
            .OrderByDescending(move => move.Number).Take(limit + 1).ToListAsync(ct);
        if (rows.Count == 0 && after is null) return ArtifactProblems.RefUnknown(reference);
        var page = rows.Take(limit).ToList();
        return TypedResults.Ok(new Page<AliasMoveView>(
            [.. page.Select(move => new AliasMoveView(move.FromRevision, move.ToRevision, move.MovedBy, move.MovedAt, move.Message))],
            rows.Count > limit ? page[^1].Number.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static string Article(RefKind kind) => kind == RefKind.Alias ? "an" : "a";
}
