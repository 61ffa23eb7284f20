using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Benchmark;
using ZooPlatform.Contracts.Catalog;
using ZooPlatform.Contracts.Search;

namespace ZooPlatform.Web.Tests.Support;

/// <summary>Stands for Catalog, Search, Benchmark, Artifact and the gateway: answers their contracts over HTTP with what a test put there.
/// <c>/elsewhere</c> is another origin than the site's, and counts who comes.</summary>
public sealed class Neighbours : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Entry> _models = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, bool> _down = new();
    private readonly WebApplication _app;
    private int _visitsElsewhere;

    private Neighbours()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.ConfigureHttpJsonOptions(options => ZooJson.Apply(options.SerializerOptions));
        _app = builder.Build();
        _app.MapGet("/api/v1/search", (HttpContext context) => Answer(context, "search", Search));
        _app.MapGet("/api/v1/models/{owner}/{name}", (HttpContext context, string owner, string name) =>
            Answer(context, "catalog", caller => Find(caller, $"{owner}/{name}") is { } found ? Results.Ok(found.Model) : Results.NotFound()));
        _app.MapGet("/api/v1/runs", (HttpContext context, string repository) =>
            Answer(context, "benchmark", caller => Find(caller, repository) is { } found ? Results.Ok(new Page<RunView>(found.Runs)) : Results.NotFound()));
        _app.MapGet("/api/v1/lineage", (HttpContext context) => Answer(context, "catalog", caller => Results.Ok(new Page<BaseView>(
            [.. _models.Values.Where(entry => entry.IsVisibleTo(caller) && entry.Family is not null && entry.Family.Models[0].Id == entry.Model.Id)
                .Select(entry => new BaseView(entry.Model.Id, entry.Model.Owner, entry.Model.Name, entry.Model.Title, entry.Family!.Models.Count - 1))
                .OrderByDescending(model => model.Variants).Take(1)]))));
        _app.MapGet("/api/v1/lineage/{owner}/{name}", (HttpContext context, string owner, string name) =>
            Answer(context, "catalog", caller => Find(caller, $"{owner}/{name}")?.Family is { } family ? Results.Ok(family) : Results.NotFound()));
        _app.MapGet("/api/v1/repositories/{owner}/{name}/files/{revision}/{**path}", (HttpContext context, string owner, string name, string path) =>
            Answer(context, "artifact", caller => Find(caller, $"{owner}/{name}")?.Contents?.GetValueOrDefault(path) is { } bytes ? File(context, bytes, path) : Results.NotFound()));
        _app.MapGet("/openapi/v1.json", (HttpContext context) =>
            Answer(context, "gateway", caller => caller.Authorization.Length > 0 ? Results.Unauthorized() : Results.Text(ApiDocument, "application/json")));
        _app.Map("/elsewhere/{**rest}", () => Interlocked.Increment(ref _visitsElsewhere));
    }

    public string Address => _app.Urls.First();

    public int VisitsElsewhere => _visitsElsewhere;

    public static async Task<Neighbours> StartAsync()
    {
        var neighbours = new Neighbours();
        await neighbours._app.StartAsync();
        return neighbours;
    }

    /// <param name="onlyFor">The token of the one who may see it; null: everybody may.</param>
    public void Put(ModelView model, IReadOnlyList<RunView>? runs = null, string? onlyFor = null, FamilyView? family = null, Dictionary<string, byte[]>? contents = null) =>
        _models[$"{model.Owner}/{model.Name}"] = new Entry(model, runs ?? [], onlyFor, family, contents);

    /// <summary>What the gateway answers at <c>/openapi/v1.json</c>.</summary>
    public string ApiDocument { get; set; } = "{}";

    public void Remove(ModelView model) => _models.Remove($"{model.Owner}/{model.Name}", out _);

    /// <summary>Cuts every connection to a service until disposed.</summary>
    public IDisposable Without(string service)
    {
        _down[service] = true;
        return new Back(() => _down.Remove(service, out _));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IResult Answer(HttpContext context, string service, Func<Caller, IResult> answer)
    {
        if (_down.ContainsKey(service)) context.Abort();
        return answer(new Caller(context.Request.Headers.Authorization.ToString(), context.Request.Query));
    }

    private Entry? Find(Caller caller, string repository) =>
        _models.TryGetValue(repository, out var entry) && entry.IsVisibleTo(caller) ? entry : null;

    private IResult Search(Caller caller)
    {
        if (caller.Query["page"] == "none") return Results.BadRequest();
        var words = caller.Query["q"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        bool Chosen(string facet, IEnumerable<string?> values) => caller.Query[facet] is { Count: > 0 } wanted ? wanted.Intersect(values).Any() : true;
        var found = _models.Values.Where(entry => entry.IsVisibleTo(caller)).Select(entry => entry.Model)
            .Where(model => words.All(word => $"{model.Title} {model.Name} {model.Summary}".Contains(word, StringComparison.OrdinalIgnoreCase)))
            .Where(model => Chosen("task", [model.Task]) && Chosen("format", model.Formats) && Chosen("owner", [model.Owner]))
            .OrderBy(model => model.Name, StringComparer.Ordinal).ToList();
        var facets = new Dictionary<string, IReadOnlyDictionary<string, long>>
        {
            ["task"] = Count(found.Select(model => model.Task!)), ["format"] = Count(found.SelectMany(model => model.Formats)),
            ["framework"] = Count(found.SelectMany(model => model.Frameworks)),
        };
        return Results.Ok(new SearchAnswer(string.Join(' ', words), 1, 20, found.Count, [.. found.Take(20).Select(model => Hit(model, words))], facets, 1));
    }

    private static Dictionary<string, long> Count(IEnumerable<string> values) =>
        values.GroupBy(value => value).ToDictionary(group => group.Key, group => (long)group.Count());

    private static SearchHit Hit(ModelView model, string[] words)
    {
        var at = words.Length == 0 ? -1 : model.Title.IndexOf(words[0], StringComparison.OrdinalIgnoreCase);
        var highlights = new Dictionary<string, IReadOnlyList<TextPiece>>();
        if (at >= 0)
        {
            var end = at + words[0].Length;
            highlights["title"] = [new(model.Title[..at], false), new(model.Title[at..end], true), new(model.Title[end..], false)];
        }
        return new SearchHit(model.Id, model.Owner, model.Name, model.Title, model.Summary, model.Task, model.Domain, model.Frameworks, model.Formats,
            model.License, model.Tags, model.Parameters, model.SizeBytes, model.Benchmark?.P50Ms, model.Visibility, model.UpdatedAt, highlights);
    }

    private sealed record Caller(string Authorization, IQueryCollection Query);

    // As Artifact sends files: to be saved, never as a page.
    private static IResult File(HttpContext context, byte[] bytes, string path)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return Results.Bytes(bytes, "application/octet-stream", Path.GetFileName(path));
    }

    private sealed record Entry(ModelView Model, IReadOnlyList<RunView> Runs, string? OnlyFor, FamilyView? Family, Dictionary<string, byte[]>? Contents)
    {
        public bool IsVisibleTo(Caller caller) => OnlyFor is null || caller.Authorization == $"Bearer {OnlyFor}";
    }

    private sealed class Back(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
