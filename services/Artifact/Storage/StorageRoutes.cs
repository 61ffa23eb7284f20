using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Owners;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;

namespace ZooPlatform.Artifact.Storage;

/// <summary>What content takes, and what it may take.</summary>
internal static class StorageRoutes
{
    public static void MapStorage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/repositories/{owner}/{name}/storage", OfRepository).WithName("GetRepositoryStorage").WithTags("Storage")
            .RequireAuthorization(Policies.Read).ProducesProblem(404)
            .WithSummary("Say what a repository holds").WithDescription("Logical, physical and shared bytes, and what deleting it would free, as far as the caller can see.")
            .WithExample(null, ("owner", "example-lab"), ("name", "example-model"));
        var storage = routes.MapGroup("/api/v1/storage").WithTags("Storage");
        storage.MapGet("/{owner}", OfOwner).WithName("GetOwnerStorage").RequireAuthorization(Policies.SignedIn).ProducesProblem(404)
            .WithSummary("Say what an owner's repositories hold").WithDescription("For the user themselves, members of the organisation, and administrators.")
            .WithExample(null, ("owner", "example-lab"));
        storage.MapPut("/{owner}/quota", SetLimit).WithName("SetQuota").RequireAuthorization(Policies.Administrator).ProducesProblem(404).ProducesProblem(422)
            .WithSummary("Set an owner's quota").WithDescription("In place of the zoo's own. Null: no limit. What is there stays, even beyond it.")
            .WithExample(new SetQuota(50_000_000_000), ("owner", "example-lab"));
    }

    private static async Task<Results<Ok<StorageView>, ProblemHttpResult>> OfRepository(
        string owner, string name, Caller caller, ArtifactDb db, CancellationToken ct) =>
        await db.FindAsync(caller, owner, name, ct) is { } repository
            ? TypedResults.Ok(await db.StorageAsync([repository.Id], caller, ct))
            : ArtifactProblems.RepositoryUnknown(owner, name);

    private static async Task<Results<Ok<OwnerStorageView>, ProblemHttpResult>> OfOwner(
        string owner, Caller caller, ArtifactDb db, FindOwner owners, KeepQuota quota, CancellationToken ct)
    {
        if (await owners.RunAsync(owner, ct) is not { } found || !MaySee(caller, found)) return ArtifactProblems.OwnerUnknown(owner);
        var repositories = await db.Repositories.Where(row => row.OwnerId == found.Id && row.DeletedAt == null).Select(row => row.Id).ToArrayAsync(ct);
        var sums = await db.StorageAsync(repositories, caller, ct);
        return TypedResults.Ok(new OwnerStorageView(found.Name, repositories.Length, sums.RevisionCount, sums.LogicalBytes, sums.PhysicalBytes, sums.SharedBytes,
            sums.FreedBytes, await quota.UsedAsync(found.Id, [], ct), await quota.LimitOfAsync(found.Id, ct)));
    }

    private static async Task<Results<Ok<QuotaView>, ProblemHttpResult>> SetLimit(
        string owner, JsonBody<SetQuota> body, ArtifactDb db, FindOwner owners, KeepQuota quota, CancellationToken ct)
    {
        if (await owners.RunAsync(owner, ct) is not { } found) return ArtifactProblems.OwnerUnknown(owner);
        var ask = await body.ReadAsync(ct);
        if (ask.LimitBytes < 0) return ArtifactProblems.QuotaInvalid;
        await db.Database.ExecuteSqlAsync($"""
            insert into quotas (owner_id, limit_bytes) values ({found.Id}, {ask.LimitBytes}) on conflict (owner_id) do update set limit_bytes = excluded.limit_bytes
            """, ct);
        return TypedResults.Ok(new QuotaView(found.Name, await quota.UsedAsync(found.Id, [], ct), ask.LimitBytes));
    }

    private static bool MaySee(Caller caller, Owner owner) =>
        caller.IsAdministrator || (caller.OnlyRepositories is null && caller.RoleIn(owner.Kind, owner.Id) is not null);
}
