using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using ZooPlatform.Artifact.Blobs;
using ZooPlatform.Artifact.Chunks;
using ZooPlatform.Artifact.Oci;
using ZooPlatform.Artifact.Owners;
using ZooPlatform.Artifact.Repositories;
using ZooPlatform.Artifact.Revisions;
using ZooPlatform.Artifact.Storage;
using ZooPlatform.Artifact.Uploads;
using ZooPlatform.Artifact.Xet;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;

namespace ZooPlatform.Artifact;

/// <summary>Artifact's database; the tables are in Migrations/.</summary>
internal sealed class ArtifactDb(DbContextOptions<ArtifactDb> options) : DbContext(options)
{
    public DbSet<Owner> Owners => Set<Owner>();
    public DbSet<Repository> Repositories => Set<Repository>();
    public DbSet<HeldName> RepositoryNames => Set<HeldName>();
    public DbSet<Grant> Grants => Set<Grant>();
    public DbSet<Blob> Blobs => Set<Blob>();
    public DbSet<RepositoryBlob> RepositoryBlobs => Set<RepositoryBlob>();
    public DbSet<StagedBlob> StagedBlobs => Set<StagedBlob>();
    public DbSet<ChunkRun> ChunkRuns => Set<ChunkRun>();
    public DbSet<ChunkHook> ChunkHooks => Set<ChunkHook>();
    public DbSet<Xorb> Xorbs => Set<Xorb>();
    public DbSet<XorbRun> XorbRuns => Set<XorbRun>();
    public DbSet<XorbUpload> XorbUploads => Set<XorbUpload>();
    public DbSet<Tree> Trees => Set<Tree>();
    public DbSet<Revision> Revisions => Set<Revision>();
    public DbSet<Ref> Refs => Set<Ref>();
    public DbSet<AliasMove> AliasMoves => Set<AliasMove>();
    public DbSet<Upload> Uploads => Set<Upload>();
    public DbSet<Sweep> Sweeps => Set<Sweep>();
    public DbSet<OciDocument> OciDocuments => Set<OciDocument>();

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        conventions.Properties<OwnerKind>().HaveConversion<Word<OwnerKind>>();
        conventions.Properties<Visibility>().HaveConversion<Word<Visibility>>();
        conventions.Properties<Role>().HaveConversion<Word<Role>>();
        conventions.Properties<RefKind>().HaveConversion<Word<RefKind>>();
        conventions.Properties<UploadState>().HaveConversion<Word<UploadState>>();
        conventions.Properties<SweepState>().HaveConversion<Word<SweepState>>();
        conventions.Properties<OciDocumentKind>().HaveConversion<Word<OciDocumentKind>>();
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<Owner>().ToTable("owners");
        model.Entity<Repository>(repository =>
        {
            repository.ToTable("repositories");
            repository.HasOne(row => row.Owner).WithMany().HasForeignKey(row => row.OwnerId);
            repository.HasMany(row => row.Grants).WithOne().HasForeignKey(grant => grant.RepositoryId);
        });
        model.Entity<HeldName>().ToTable("repository_names").HasKey(held => new { held.OwnerName, held.Name });
        model.Entity<Grant>().ToTable("grants").HasKey(grant => new { grant.RepositoryId, grant.UserId });
        model.Entity<Blob>().ToTable("blobs").HasKey(blob => blob.Sha256);
        model.Entity<RepositoryBlob>().ToTable("repository_blobs").HasKey(held => new { held.RepositoryId, held.Sha256 });
        model.Entity<StagedBlob>().ToTable("staged_blobs").HasKey(staged => new { staged.RepositoryId, staged.Subject, staged.Sha256 });
        model.Entity<ChunkRun>().ToTable("chunk_runs").HasKey(run => new { run.Sha256, run.Run });
        model.Entity<ChunkHook>().ToTable("chunk_hooks").HasKey(hook => new { hook.Chunk, hook.Sha256 });
        model.Entity<Xorb>().ToTable("xorbs").HasKey(xorb => xorb.Hash);
        model.Entity<XorbRun>().ToTable("xorb_runs").HasKey(run => new { run.Xorb, run.Sha256, run.Run });
        model.Entity<XorbUpload>().ToTable("xorb_uploads").HasKey(upload => new { upload.RepositoryId, upload.Subject, upload.Xorb });
        model.Entity<Tree>().ToTable("trees").HasKey(tree => new { tree.RepositoryId, tree.Id });
        model.Entity<Tree>().Ignore(tree => tree.Entries);
        model.Entity<Revision>().ToTable("revisions").HasKey(revision => new { revision.RepositoryId, revision.Id });
        model.Entity<Ref>().ToTable("refs").HasKey(named => new { named.RepositoryId, named.Name });
        model.Entity<AliasMove>().ToTable("alias_moves").HasKey(move => move.Number);
        model.Entity<Upload>().ToTable("uploads");
        model.Entity<Sweep>().ToTable("sweeps").Ignore(sweep => sweep.View);
        model.Entity<Sweep>().Property(sweep => sweep.Report).HasColumnType("jsonb");
        model.Entity<OciDocument>().ToTable("oci_documents").HasKey(document => new { document.RepositoryId, document.Sha256 });
        model.Entity<OciDocument>().Ignore(document => document.Digest).Ignore(document => document.MediaType);
        foreach (var property in model.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(SnakeCase(property.Name));
    }

    // Sha256s -> sha256s, SizeBytes -> size_bytes
    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()));

    /// <summary>An enum as its lower-case word.</summary>
    private sealed class Word<T>() : ValueConverter<T, string>(
        value => value.ToString().ToLowerInvariant(), word => Enum.Parse<T>(word, true)) where T : struct, Enum;
}
