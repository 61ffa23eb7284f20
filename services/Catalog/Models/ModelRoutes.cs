using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Catalog.Lineage;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Catalog.Models;

internal static class ModelRoutes
{
    private const int MaxLimit = 200;

    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        var models = routes.MapGroup("/api/v1/models").WithTags("Models").RequireAuthorization(Policies.Read);
        models.MapGet("", List).WithName("ListModels").WithPages(MaxLimit)
            .WithSummary("List models").WithDescription("Newest change first. Filters are exact words, letter case aside; they narrow together.")
            .WithExample(null, ("domain", "cv"), ("limit", 10));
        models.MapGet("/{owner}/{name}", Get).WithName("GetModel").ProducesProblem(404)
            .WithSummary("Get a model").WithDescription("Card, files with what reading them told, findings, lineage, the newest measurement.");
    }

    /// <summary>Newest change first.</summary>
    private static async Task<Results<Ok<Page<ModelSummaryView>>, ProblemHttpResult>> List(
        [AsParameters] ModelFilter filter, Caller caller, CatalogDb db, CancellationToken ct, string? after = null, int limit = 50)
    {
        ListCursor? cursor = null;
        if (after is not null && !ListCursor.TryParse(after, out cursor)) return Problem.CursorInvalid(after);

        var models = filter.On(db.Models.VisibleTo(caller));
        if (cursor is not null)
            models = models.Where(model => model.UpdatedAt < cursor.UpdatedAt || (model.UpdatedAt == cursor.UpdatedAt && model.Id < cursor.Id));
        var found = await models.OrderByDescending(model => model.UpdatedAt).ThenByDescending(model => model.Id)
            .Take(limit + 1).Select(ModelViews.Summary).ToListAsync(ct);
        if (found.Count <= limit) return TypedResults.Ok(new Page<ModelSummaryView>(found));
        var last = found[limit - 1];
        return TypedResults.Ok(new Page<ModelSummaryView>(found[..limit], new ListCursor(last.UpdatedAt, last.Id).ToString()));
    }

    private static async Task<Results<Ok<ModelView>, ProblemHttpResult>> Get(
        string owner, string name, Caller caller, CatalogDb db, CancellationToken ct)
    {
        var visible = db.Models.VisibleTo(caller);
        var model = await visible.Named(owner, name)
            .Include(m => m.Files).Include(m => m.Findings).Include(m => m.Lineage)
            .AsSplitQuery().AsNoTracking().FirstOrDefaultAsync(ct);
        if (model is null) return CatalogProblems.ModelUnknown(owner, name);
        var run = await db.RunSummaries.AsNoTracking().SingleOrDefaultAsync(r => r.RepositoryId == model.Id, ct);
        var bases = await (
            from derivation in Derivations.Above(db, visible, new[] { model.Id })
            join parent in visible on derivation.Base equals parent.Id
            select parent.Owner + "/" + parent.Name).ToListAsync(ct);
        var variants = await (
            from derivation in Derivations.Below(db, visible, new[] { model.Id })
            join child in visible on derivation.Model equals child.Id
            orderby child.Owner, child.Name
            select new VariantView(child.Id, child.Owner, child.Name, child.Title, derivation.Relation)).Take(FamilyOf.MaxModels).ToListAsync(ct);
        return TypedResults.Ok(ModelViews.From(model, run, bases, variants));
    }

    /// <summary>By name, letter case aside. One that was given away may show twice until the feed's next page: the newer one has it.</summary>
    public static IQueryable<Model> Named(this IQueryable<Model> models, string owner, string name)
    {
        var (lowerOwner, lowerName) = (owner.ToLowerInvariant(), name.ToLowerInvariant());
        return models.Where(model => model.Owner.ToLower() == lowerOwner && model.Name.ToLower() == lowerName).OrderByDescending(model => model.CreatedAt);
    }
}

/// <summary>What a list of models can be narrowed to; exact words, letter case aside.</summary>
internal sealed record ModelFilter
{
    public string? Owner { get; init; }
    public string? Task { get; init; }
    public string? Domain { get; init; }
    public string? Framework { get; init; }
    public string? Format { get; init; }
    public string? License { get; init; }
    public string? Tag { get; init; }

    public IQueryable<Model> On(IQueryable<Model> models)
    {
        if (Word(Owner) is { } owner) models = models.Where(model => model.Owner.ToLower() == owner);
        if (Word(Task) is { } task) models = models.Where(model => model.Task == task);
        if (Word(Domain) is { } domain) models = models.Where(model => model.Domain == domain);
        if (Word(Framework) is { } framework) models = models.Where(model => model.Frameworks.Contains(framework));
        if (Word(Format) is { } format) models = models.Where(model => model.Formats.Contains(format));
        if (Word(License) is { } license) models = models.Where(model => model.License == license);
        if (Word(Tag) is { } tag) models = models.Where(model => model.Tags.Contains(tag));
        return models;
    }

    private static string? Word(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim().ToLowerInvariant();
}
