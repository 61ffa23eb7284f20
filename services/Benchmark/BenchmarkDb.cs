using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using ZooPlatform.Benchmark.Devices;
using ZooPlatform.Benchmark.Repositories;
using ZooPlatform.Benchmark.Runs;
using ZooPlatform.Benchmark.Serving;
using ZooPlatform.Contracts;

namespace ZooPlatform.Benchmark;

/// <summary>The database <c>benchmarkdb</c>; its tables are drawn in Migrations/.</summary>
internal sealed class BenchmarkDb(DbContextOptions<BenchmarkDb> options) : DbContext(options)
{
    public DbSet<Repository> Repositories => Set<Repository>();

    public DbSet<Model> Models => Set<Model>();

    public DbSet<Device> Devices => Set<Device>();

    public DbSet<Run> Runs => Set<Run>();

    public DbSet<RunSamples> Samples => Set<RunSamples>();

    public DbSet<Deployment> Deployments => Set<Deployment>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<Repository>(repository =>
        {
            repository.ToTable("repositories");
            repository.Property(r => r.OwnerKind).HasConversion<string>();
            repository.Ignore(r => r.Path);
        });
        model.Entity<Model>(files =>
        {
            files.ToTable("models");
            AsJson(files.Property(m => m.Files));
        });
        model.Entity<Device>(device => device.ToTable("devices"));
        model.Entity<Run>(run =>
        {
            run.ToTable("runs");
            run.Property(r => r.Status).HasConversion(status => Word(status), word => Enum.Parse<Contracts.Benchmark.RunStatus>(word, true));
            AsJson(run.Property(r => r.Settings));
            AsJson(run.Property(r => r.Results));
        });
        model.Entity<RunSamples>(samples =>
        {
            samples.ToTable("run_samples");
            samples.HasKey(s => s.RunId);
        });
        model.Entity<Deployment>(deployment => deployment.ToTable("deployments"));

        foreach (var property in model.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name));
        }
    }

    internal static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

    private static void AsJson<T>(PropertyBuilder<T> property) => property
        .HasColumnType("jsonb")
        .HasConversion(value => JsonSerializer.Serialize(value, ZooJson.Options), json => JsonSerializer.Deserialize<T>(json, ZooJson.Options)!)
        .Metadata.SetValueComparer(new ValueComparer<T>((one, other) => ReferenceEquals(one, other), value => value == null ? 0 : value.GetHashCode(), value => value));
}
