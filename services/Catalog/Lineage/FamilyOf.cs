using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Catalog.Models;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Catalog;

namespace ZooPlatform.Catalog.Lineage;

/// <summary>Finds all that a model is related to, step by step in both directions, among what the caller may see.</summary>
internal sealed class FamilyOf(CatalogDb db)
{
    public const int MaxModels = 100;
    private const int MaxSteps = 10;

    /// <param name="visible">The models the caller may see.</param>
    public async Task<FamilyView> RunAsync(Guid start, IQueryable<Model> visible, CancellationToken ct)
    {
        // 1. Walk until nothing new is found, or it is enough.
        var found = new HashSet<Guid> { start };
        var derivations = new HashSet<Derivation>();
        Guid[] edge = [start];
        for (var step = 0; step < MaxSteps && edge.Length > 0 && found.Count <= MaxModels; step++)
        {
            derivations.UnionWith(await Derivations.Above(db, visible, edge).Take(MaxModels + 1).ToListAsync(ct));
            derivations.UnionWith(await Derivations.Below(db, visible, edge).Take(MaxModels + 1).ToListAsync(ct));
            edge = [.. derivations.SelectMany(derivation => new[] { derivation.Base, derivation.Model }).Where(found.Add)];
        }

        // 2. What is known of each.
        var isCut = found.Count > MaxModels;
        var ids = found.Take(MaxModels).ToArray();
        var relatives = await RelativesAsync(ids, visible, ct);

        // 3. Bases first. Cards may name each other in a circle: then any order will do.
        var kept = derivations.Where(derivation => relatives.ContainsKey(derivation.Base) && relatives.ContainsKey(derivation.Model)).ToList();
        var ordered = new List<RelativeView>();
        while (ordered.Count < relatives.Count)
        {
            var done = ordered.Select(relative => relative.Id).ToHashSet();
            var rest = relatives.Values.Where(relative => !done.Contains(relative.Id)).OrderBy(relative => relative.Name, StringComparer.Ordinal).ToList();
            var next = rest.Where(relative => kept.TrueForAll(derivation => derivation.Model != relative.Id || done.Contains(derivation.Base))).ToList();
            ordered.AddRange(next.Count > 0 ? next : rest);
        }
        return new FamilyView(ordered, [.. kept.Select(derivation => new DerivationView(derivation.Base, derivation.Model, derivation.Relation))], isCut);
    }

    private async Task<Dictionary<Guid, RelativeView>> RelativesAsync(Guid[] ids, IQueryable<Model> visible, CancellationToken ct)
    {
        var rows = await (
            from model in visible
            where ids.Contains(model.Id)
            join run in db.RunSummaries on model.Id equals run.RepositoryId into runs
            from run in runs.DefaultIfEmpty()
            select new
            {
                model.Id, model.Owner, model.Name, model.Title, model.Task, model.Formats, model.Parameters, model.Kit,
                Latency = run == null ? null : (double?)run.P50Ms,
                Findings = model.Findings.Count(finding => finding.Severity != "info"),
            }).AsNoTracking().ToListAsync(ct);
        return rows.ToDictionary(row => row.Id, row =>
        {
            var kit = row.Kit is null ? null : JsonSerializer.Deserialize<KitView>(row.Kit, ZooJson.Options);
            return new RelativeView(
                row.Id, row.Owner, row.Name, row.Title, row.Task, row.Formats, row.Parameters, kit?.Main, kit?.Metrics.FirstOrDefault(), row.Latency, row.Findings);
        });
    }
}
