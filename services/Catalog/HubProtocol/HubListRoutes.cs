using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Catalog.Models;
using ZooPlatform.Contracts;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Catalog.HubProtocol;

/// <summary><c>GET /api/models</c> as Hugging Face clients list: <c>search</c>, <c>author</c>, <c>filter</c>, <c>pipeline_tag</c>, <c>sort</c>, <c>limit</c>;
/// the next page by <c>Link</c>. What it does not know is left alone.</summary>
internal static class HubListRoutes
{
    private const int MaxLimit = 1000, DefaultLimit = 100, MaxWords = 20;

    public static void MapHubLists(this IEndpointRouteBuilder routes)
    {
        var hub = routes.MapGroup("").RequireAuthorization(Policies.Read).WithMetadata(ErrorShape.Hub).ExcludeFromDescription();
        hub.MapGet("/api/models", List);
        foreach (var kind in new[] { "datasets", "spaces" }) hub.MapGet($"/api/{kind}", () => TypedResults.Json(Array.Empty<object>()));   // there are none
    }

    private static async Task<IResult> List(HttpContext context, Caller caller, CatalogDb db, IConfiguration configuration, CancellationToken ct)
    {
        var query = context.Request.Query;
        var limit = int.TryParse(query["limit"], out var asked) ? Math.Clamp(asked, 1, MaxLimit) : DefaultLimit;
        var byCreation = query["sort"] == "createdAt";
        ListCursor? cursor = null;
        if (query["cursor"] is [{ } text] && !ListCursor.TryParse(text, out cursor)) return Refusal("The cursor is none of this list. Leave it out to begin.");

        var models = Filter(db.Models.VisibleTo(caller).AsNoTracking(), query);
        if (cursor is not null)
            models = byCreation
                ? models.Where(model => model.CreatedAt < cursor.UpdatedAt || (model.CreatedAt == cursor.UpdatedAt && model.Id < cursor.Id))
                : models.Where(model => model.UpdatedAt < cursor.UpdatedAt || (model.UpdatedAt == cursor.UpdatedAt && model.Id < cursor.Id));
        var ordered = byCreation ? models.OrderByDescending(model => model.CreatedAt) : models.OrderByDescending(model => model.UpdatedAt);
        var found = await ordered.ThenByDescending(model => model.Id).Take(limit + 1).ToListAsync(ct);
        var page = found.Take(limit).ToList();
        if (found.Count > limit) WriteLink(context, configuration, new ListCursor(byCreation ? page[^1].CreatedAt : page[^1].UpdatedAt, page[^1].Id));
        var expand = query["expand"].Concat(query["expand[]"]).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var cards = IsTrue(query, "cardData") || IsTrue(query, "full") || expand.Contains("cardData");
        return TypedResults.Json(page.Select(model => View(model, expand, cards)));
    }

    private static IQueryable<Model> Filter(IQueryable<Model> models, IQueryCollection query)
    {
        foreach (var word in query["search"].OfType<string>().Where(word => word.Length > 0).Take(MaxWords))
        {
            var pattern = $"%{word.ToLowerInvariant().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";
            models = models.Where(model => EF.Functions.Like((model.Owner + "/" + model.Name).ToLower(), pattern));
        }
        if (query["author"] is [{ Length: > 0 } author, ..])
        {
            var folded = author.ToLowerInvariant();
            models = models.Where(model => model.Owner.ToLower() == folded);
        }
        // A comma joins several, which all must hold.
        foreach (var tag in query["filter"].Concat(query["pipeline_tag"]).OfType<string>().SelectMany(one => one.Split(',')).Select(one => one.Trim()).Where(one => one.Length > 0).Take(MaxWords))
        {
            var folded = tag.ToLowerInvariant();
            if (folded.Split(':', 2) is ["license", var license]) models = models.Where(model => model.License == license);
            else if (tag.Split(':') is ["base_model", .., var parent]) models = models.Where(model => model.Lineage.Any(edge => edge.Base.ToLower() == parent.ToLower()));
            else models = models.Where(model => model.Tags.Contains(folded) || model.Tags.Contains(tag) || model.Frameworks.Contains(folded) || model.Formats.Contains(folded) || model.Task == folded);
        }
        return models;
    }

    private static JsonObject View(Model model, HashSet<string> expand, bool cards)
    {
        var id = $"{model.Owner}/{model.Name}";
        var view = new JsonObject { ["_id"] = model.Id.ToString(), ["id"] = id };
        void Add(string property, JsonNode? value)
        {
            if (value is not null && (expand.Count == 0 || expand.Contains(property))) view[property] = value;
        }

        if (expand.Count == 0) view["modelId"] = id;
        Add("author", model.Owner);
        Add("sha", model.Head);
        Add("lastModified", At(model.UpdatedAt));
        Add("createdAt", At(model.CreatedAt));
        Add("private", model.Visibility != Visibility.Public);
        Add("gated", false);
        Add("disabled", false);
        Add("downloads", 0);
        Add("likes", 0);
        Add("library_name", model.Frameworks.FirstOrDefault());
        Add("pipeline_tag", model.Task);
        Add("tags", new JsonArray([.. model.Frameworks.Concat(model.Tags).Concat(model.License is null ? [] : [$"license:{model.License}"]).Distinct().Select(tag => (JsonNode)tag)]));
        if (cards && model.FrontMatter is not null) Add("cardData", JsonNode.Parse(model.FrontMatter));
        return view;
    }

    private static void WriteLink(HttpContext context, IConfiguration configuration, ListCursor next)
    {
        var query = context.Request.Query.Where(one => one.Key != "cursor").SelectMany(one => one.Value, (one, value) => KeyValuePair.Create(one.Key, value))
            .Append(KeyValuePair.Create("cursor", (string?)next.ToString()));
        var path = context.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?')[0];
        // JavaScript's pattern needs the blank and the quotes.
        context.Response.Headers.Link = $"<{QueryHelpers.AddQueryString(configuration["Platform:PublicUrl"]?.TrimEnd('/') + path, query)}>; rel=\"next\"";
    }

    private static bool IsTrue(IQueryCollection query, string parameter) => query[parameter] is [{ } value, ..] && value.Equals("true", StringComparison.OrdinalIgnoreCase);

    private static IResult Refusal(string message) => TypedResults.Json(new { error = message }, JsonSerializerOptions.Web, statusCode: 400);

    private static string At(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
