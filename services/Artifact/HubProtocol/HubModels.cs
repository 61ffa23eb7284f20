using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Contracts;
using ZooPlatform.Formats.Cards;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Artifact.HubProtocol;

/// <summary>A model's description, of its default branch or of a revision.</summary>
internal static class HubModels
{
    public static void MapHubModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(HubRoutes.Model, Get);
        routes.MapGet($"{HubRoutes.Model}/revision/{{**rest}}", GetRevision);
    }

    private static async Task<IResult> Get(string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, DescribeModel describe, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(null, caller, owner, name, ct);
        if (repository is null) return refusal!;
        return TypedResults.Json(await describe.RunAsync(repository, await db.FindRevisionAsync(repository.Id, Ref.Main, ct), request, ct), LenientJson.Options);
    }

    private static async Task<IResult> GetRevision(
        string owner, string name, Caller caller, HttpRequest request, ArtifactDb db, DescribeModel describe, CancellationToken ct)
    {
        var (repository, refusal) = await db.FindForHubAsync(null, caller, owner, name, ct);
        if (repository is null) return refusal!;
        if (await HubTarget.FindAsync(request, HubRoutes.SkipApi, repository.Id, db, ct) is not { Path: "" } target)
            return HubError.RevisionUnknown(HubTarget.NameAfter(request, HubRoutes.SkipApi));
        return TypedResults.Json(await describe.RunAsync(repository, target.Revision, request, ct), LenientJson.Options);
    }
}

/// <summary>Says of a model what the hub says; with <c>expand</c> only the properties that it names, of those that are known.</summary>
internal sealed class DescribeModel(ArtifactDb db, IBlobStore store)
{
    /// <param name="revision">Null: the repository is empty.</param>
    public async Task<JsonObject> RunAsync(Repository repository, Revision? revision, HttpRequest request, CancellationToken ct)
    {
        var expand = request.Query["expand"].Concat(request.Query["expand[]"]).OfType<string>().ToHashSet(StringComparer.Ordinal);
        bool Wants(string property) => expand.Count == 0 || expand.Contains(property);

        var id = $"{repository.Owner.Name}/{repository.Name}";
        var model = new JsonObject { ["_id"] = repository.Id.ToString(), ["id"] = id };
        if (expand.Count == 0) model["modelId"] = id;
        void Add(string property, JsonNode? value)
        {
            if (value is not null && Wants(property)) model[property] = value;
        }

        Add("author", repository.Owner.Name);
        Add("sha", revision?.Id);
        Add("lastModified", HubRoutes.At(revision?.CreatedAt ?? repository.UpdatedAt));
        Add("createdAt", HubRoutes.At(repository.CreatedAt));
        Add("private", repository.Visibility != Visibility.Public);
        Add("gated", false);
        Add("disabled", false);
        Add("downloads", 0);
        Add("likes", 0);
        Add("usedStorage", revision?.SizeBytes ?? 0);
        if (new[] { "library_name", "pipeline_tag", "tags", "cardData" }.Any(Wants))
        {
            var card = await CardAsync(revision, ct);
            Add("library_name", card.LibraryName);
            Add("pipeline_tag", card.PipelineTag);
            Add("tags", new JsonArray([.. TagsOf(card).Select(tag => (JsonNode)tag)]));
            Add("cardData", card.FrontMatter);
        }
        if (Wants("siblings")) Add("siblings", await SiblingsAsync(revision, request.IsTrue("blobs"), ct));
        if (request.IsTrue("securityStatus")) model["securityRepoStatus"] = new JsonObject { ["scansDone"] = false, ["filesWithIssues"] = new JsonArray() };
        return model;
    }

    private async Task<JsonArray> SiblingsAsync(Revision? revision, bool blobs, CancellationToken ct)
    {
        if (revision is null) return [];
        var files = await db.ListTreeAsync(revision, folder: null, recursive: true, after: null, int.MaxValue - 1, ct);
        return new JsonArray([.. files!.Items.Select(file =>
        {
            var sibling = new JsonObject { ["rfilename"] = file.Path };
            if (!blobs) return (JsonNode)sibling;
            sibling["size"] = file.SizeBytes;
            sibling["blobId"] = file.GitId;
            if (file.Lfs) sibling["lfs"] = new JsonObject { ["size"] = file.SizeBytes, ["sha256"] = file.Sha256, ["pointerSize"] = HubEntry.PointerBytes(file.Sha256!, file.SizeBytes) };
            return sibling;
        })]);
    }

    private async Task<Card> CardAsync(Revision? revision, CancellationToken ct)
    {
        if (revision is null || !FilePath.TryParse("README.md", out var path, out _)
            || await db.FindEntryAsync(revision, path, ct) is not { Kind: not EntryKind.Folder, SizeBytes: <= CardReader.MaxCharacters } entry
            || !BlobHash.TryParse(entry.Sha256, out var hash) || await store.ReadAsync(new BlobRef(hash, entry.SizeBytes), ct) is not { } content) return Card.Empty;
        return CardReader.Read(System.Text.Encoding.UTF8.GetString(content));
    }

    private static IEnumerable<string> TagsOf(Card card) => new[] { card.LibraryName, card.PipelineTag }.OfType<string>()
        .Concat(card.Languages).Concat(card.Tags)
        .Concat(card.License is null ? [] : [$"license:{card.License}"])
        .Concat(card.Datasets.Select(dataset => $"dataset:{dataset}"))
        .Concat(card.BaseModels.Select(parent => $"base_model:{parent}")).Distinct(StringComparer.Ordinal);
}
