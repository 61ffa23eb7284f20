using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Catalog.Benchmarks;
using ZooPlatform.Catalog.Models;

namespace ZooPlatform.Catalog;

internal sealed partial class CatalogDb(DbContextOptions<CatalogDb> options) : DbContext(options)
{
    public DbSet<Model> Models => Set<Model>();
    public DbSet<RunSummary> RunSummaries => Set<RunSummary>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        builder.Entity<Model>(model =>
        {
            model.ToTable("models");
            model.Property(m => m.Visibility).HasConversion<string>();
            model.Property(m => m.FrontMatter).HasColumnType("json");
            model.Property(m => m.Kit).HasColumnType("json");
            model.HasMany(m => m.Files).WithOne().HasForeignKey(f => f.ModelId);
            model.HasMany(m => m.Findings).WithOne().HasForeignKey(f => f.ModelId);
            model.HasMany(m => m.Lineage).WithOne().HasForeignKey(l => l.ModelId);
        });
        builder.Entity<ModelFile>(file =>
        {
            file.ToTable("model_files").HasKey(f => new { f.ModelId, f.Path });
            file.Property(f => f.Inspection).HasColumnType("json");
        });
        builder.Entity<ModelFinding>().ToTable("findings").HasKey(f => new { f.ModelId, f.Ordinal });
        builder.Entity<LineageEdge>().ToTable("lineage").HasKey(l => new { l.ModelId, l.Base });
        builder.Entity<RunSummary>().ToTable("run_summaries").HasKey(r => r.RepositoryId);

        foreach (var property in builder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(WordStart().Replace(property.Name, "_$0").ToLowerInvariant());
    }

    // SizeBytes is size_bytes; Sha256 and P50Ms are sha256 and p50_ms.
    [GeneratedRegex("(?<=[a-z0-9])[A-Z]")]
    private static partial Regex WordStart();
}
