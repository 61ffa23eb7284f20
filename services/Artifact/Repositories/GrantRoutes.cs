using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Owners;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Repositories;

/// <summary>What single users may do in one repository.</summary>
internal static class GrantRoutes
{
    public static void MapGrants(this IEndpointRouteBuilder routes)
    {
        var grants = routes.MapGroup("/api/v1/repositories/{owner}/{name}/grants").WithTags("Grants").RequireAuthorization(Policies.Write)
            .WithExample(null, ("owner", "example-lab"), ("name", "example-model"));
        grants.MapGet("/", List).WithName("ListGrants").ProducesProblem(404)
            .WithSummary("List grants").WithDescription("For the repository's owners. By user name.");
        grants.MapPut("/{user}", Set).WithName("SetGrant").ProducesProblem(404)
            .WithSummary("Grant a role to a user").WithDescription("Beside what they may do as a member of the owner; the higher one counts.")
            .WithExample(new SetGrant(Role.Reader), ("user", "admin"));
        grants.MapDelete("/{user}", Remove).WithName("RemoveGrant").ProducesProblem(404)
            .WithSummary("Take a grant back").WithExample(null, ("user", "admin"));
    }

    private static async Task<Results<Ok<Page<GrantView>>, ProblemHttpResult>> List(
        string owner, string name, Caller caller, ArtifactDb db, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Owner, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var grants = await db.Grants.Where(grant => grant.RepositoryId == repository.Id)
            .Join(db.Owners, grant => grant.UserId, user => user.Id, (grant, user) => new GrantView(grant.UserId, user.Name, grant.Role))
            .ToListAsync(ct);
        return TypedResults.Ok(new Page<GrantView>([.. grants.OrderBy(grant => grant.UserName, StringComparer.OrdinalIgnoreCase)]));
    }

    private static async Task<Results<Ok<GrantView>, ProblemHttpResult>> Set(
        string owner, string name, string user, JsonBody<SetGrant> body, Caller caller, ArtifactDb db, FindOwner owners, ChangeRepository change, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Owner, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var ask = await body.ReadAsync(ct);
        if (await owners.RunAsync(user, ct) is not { Kind: OwnerKind.User } grantee) return ArtifactProblems.UserUnknown(user);
        var changed = await change.RunAsync(repository.Id, row =>
        {
            if (row.Grants.Find(grant => grant.UserId == grantee.Id) is { } known) known.Role = ask.Role;
            else row.Grants.Add(new Grant { RepositoryId = row.Id, UserId = grantee.Id, Role = ask.Role });
        }, ct);
        return changed is null ? ArtifactProblems.RepositoryUnknown(owner, name) : TypedResults.Ok(new GrantView(grantee.Id, grantee.Name, ask.Role));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(
        string owner, string name, string user, Caller caller, ArtifactDb db, FindOwner owners, ChangeRepository change, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForAsync(Role.Owner, caller, owner, name, ct);
        if (repository is null) return refusal!;
        if (await owners.RunAsync(user, ct) is not { Kind: OwnerKind.User } grantee) return ArtifactProblems.UserUnknown(user);
        var changed = await change.RunAsync(repository.Id, row => row.Grants.RemoveAll(grant => grant.UserId == grantee.Id), ct);
        return changed is null ? ArtifactProblems.RepositoryUnknown(owner, name) : TypedResults.NoContent();
    }
}
