using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts.Catalog;

namespace ZooPlatform.Catalog.Models;

/// <summary>Models as the catalog's feed tells them to Search and Benchmark.</summary>
internal static class ModelStates
{
    public static async Task<IReadOnlyDictionary<Guid, ModelState>> LoadAsync(CatalogDb db, IReadOnlyList<Guid> ids, CancellationToken ct)
    {
        var models = await db.Models.AsNoTracking().Where(model => ids.Contains(model.Id))
            .Include(model => model.Files.Where(file => file.Format != null)).ToListAsync(ct);
        var latencies = await db.RunSummaries.Where(run => ids.Contains(run.RepositoryId))
            .ToDictionaryAsync(run => run.RepositoryId, run => run.P50Ms, ct);
        return models.ToDictionary(model => model.Id, model => From(model, latencies.TryGetValue(model.Id, out var p50) ? p50 : null));
    }

    private static ModelState From(Model model, double? latencyP50Ms) => new(
        model.Id, model.Owner, model.Name, model.Visibility, model.Readers, model.Revision, model.Title, model.Summary ?? model.Description,
        model.Text, model.Stub, model.Task, model.Domain, model.Frameworks, model.Formats, model.License, model.Tags, model.Parameters,
        model.SizeBytes, latencyP50Ms, [.. model.Files.OrderBy(file => file.Path, StringComparer.Ordinal).Select(FileOf)],
        model.CreatedAt, model.UpdatedAt);

    internal static ModelFileState FileOf(ModelFile file) =>
        new(file.Path, file.Sha256, file.SizeBytes, file.Format!, file.Fit, file.Unfit, file.ExternalData);
}
