using System.Text.Json.Serialization;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>Making, deleting and setting up repositories.</summary>
internal static class HubRepositories
{
    private const int MaxBodyBytes = 16 << 20, MaxFiles = 100;

    public static void MapHubRepositories(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/repos/create", Create);
        routes.MapDelete("/api/repos/delete", Delete);
        routes.MapPut($"{HubRoutes.Model}/settings", Set);
    }

    private static async Task<IResult> Create(
        HttpRequest request, Caller caller, ArtifactDb db, AddRepository add, StoreInline inline, CommitRevision commit, PublicUrl url, ILoggerFactory logs, CancellationToken ct)
    {
        var ask = await LenientJson.ReadAsync<CreateRequest>(request, MaxBodyBytes, ct);
        if (RefusalOfKind(ask.Type) is { } refusal) return refusal;
        var (owner, name) = NameOf(ask.Name, ask.Organization, caller);
        if (!RepositoryName.TryParse(name, out var repositoryName, out var invalid)) return HubError.BadInput($"'{name}' cannot name a repository: it {invalid}.");
        if (VisibilityOf(ask.Visibility, ask.Private, out var visibility) is { } unknown) return unknown;
        var files = new List<(FilePath Path, byte[] Content)>();
        foreach (var file in ask.Files ?? [])
        {
            if (!FilePath.TryParse(file?.Path, out var path, out var why)) return HubError.BadInput($"The path '{file?.Path}' {why}.");
            var content = new byte[file!.Content?.Length ?? 0];
            if (!Convert.TryFromBase64String(file.Content ?? "", content, out var length) || files.Count == MaxFiles) return HubError.BadInput($"At most {MaxFiles} files, in base64.");
            files.Add((path, content[..length]));
        }

        switch (await add.RunAsync(repositoryName, new CreateRepository(owner, name, visibility ?? Visibility.Private), caller, ct))
        {
            case AddOutcome.Added { Repository: var made }:
                logs.CreateLogger(typeof(HubRepositories)).RepositoryCreated(made.Id, made.Owner.Name, made.Name, caller.Subject);
                var changes = new List<CommitChange>();
                foreach (var (path, content) in files)
                    changes.Add(new CommitChange(path, (await inline.RunAsync(made.Id, caller, new MemoryStream(content), ct)).Hash, false));
                if (RefName.TryParse(Ref.Main, out var main, out _) && changes.Count > 0)
                    await commit.RunAsync(made.Id, new Commit(main, null, "initial commit", changes), caller, ct);
                var id = $"{made.Owner.Name}/{made.Name}";
                return TypedResults.Json(new { url = url.Of($"/{id}"), id, name = id }, LenientJson.Options);
            case AddOutcome.Taken:
                // Clients that do not mind read the address of the one that is there.
                var there = await db.FindAsync(caller, owner, name, ct);
                return new HubError(409, "RepoAlreadyExists", "You already created this model repo.", url: url.Of($"/{there?.Owner.Name ?? owner}/{there?.Name ?? name}"));
            case AddOutcome.Retired:
                return HubError.BadInput($"'{owner}/{name}' was a repository of another owner once, and a name never passes on. Choose another name.");
            default:
                return new HubError(403, null, $"You cannot create repositories under '{owner}'. Use your own name, or an organisation in which you are at least contributor.");
        }
    }

    private static async Task<IResult> Delete(HttpRequest request, Caller caller, ArtifactDb db, TimeProvider time, ILoggerFactory logs, CancellationToken ct)
    {
        var ask = await LenientJson.ReadAsync<DeleteRequest>(request, MaxBodyBytes, ct);
        var (owner, name) = NameOf(ask.Name, ask.Organization, caller);
        if (ask.Type is not (null or "model")) return HubError.RepositoryUnknown(caller, owner, name);
        var (repository, refusal) = await db.FindForHubAsync(Role.Maintainer, caller, owner, name, ct);
        if (repository is null) return refusal!;
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.TombstoneAsync(repository.Id, time.GetUtcNow(), ct);
        await transaction.CommitAsync(ct);
        logs.CreateLogger(typeof(HubRepositories)).RepositoryDeleted(repository.Id, caller.Subject);
        return TypedResults.Json(new { }, LenientJson.Options);
    }

    private static async Task<IResult> Set(string owner, string name, HttpRequest request, Caller caller, ArtifactDb db, ChangeRepository change, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(Role.Owner, caller, owner, name, ct);
        if (repository is null) return refusal!;
        var ask = await LenientJson.ReadAsync<SettingsRequest>(request, MaxBodyBytes, ct);
        if (ask.Gated is { ValueKind: not (System.Text.Json.JsonValueKind.False or System.Text.Json.JsonValueKind.Null) })
            return HubError.NotImplemented("This zoo has no gated repositories. Make it private and grant it to those who may read it.");
        if (VisibilityOf(ask.Visibility, ask.Private, out var visibility) is { } unknown) return unknown;
        if (visibility is { } wanted && await change.RunAsync(repository.Id, row => row.Visibility = wanted, ct) is null) return HubError.RepositoryUnknown(caller, owner, name);
        return TypedResults.Json(new { @private = (visibility ?? repository.Visibility) != Visibility.Public, gated = false }, LenientJson.Options);
    }

    private static HubError? RefusalOfKind(string? type) =>
        type is null or "model" ? null : HubError.NotImplemented($"This zoo keeps models; there is no '{type}'.");

    /// <summary>The owner is the organisation, or stands before the name, or is the caller.</summary>
    private static (string Owner, string Name) NameOf(string? name, string? organization, Caller caller) => (name ?? "").Split('/') switch
    {
        [var owner, var rest] => (owner, rest),
        _ => (string.IsNullOrEmpty(organization) ? caller.Name : organization, name ?? ""),
    };

    /// <param name="visibility">Null: not said.</param>
    private static HubError? VisibilityOf(string? word, bool? isPrivate, out Visibility? visibility)
    {
        visibility = word is null ? isPrivate switch { true => Visibility.Private, false => Visibility.Public, null => null }
            : Enum.TryParse<Visibility>(word, ignoreCase: true, out var parsed) && !int.TryParse(word, out _) ? parsed : null;
        return word is not null && visibility is null ? HubError.BadInput($"'{word}' is no visibility: public, internal or private.") : null;
    }

    private sealed record CreateRequest(string? Name, string? Organization, string? Type, string? Visibility, bool? Private, IReadOnlyList<InitialFile?>? Files);

    private sealed record InitialFile(string? Path, string? Content);

    private sealed record DeleteRequest(string? Name, string? Organization, string? Type);

    private sealed record SettingsRequest(string? Visibility, bool? Private, [property: JsonPropertyName("gated")] System.Text.Json.JsonElement? Gated);
}
