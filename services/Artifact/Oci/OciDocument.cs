namespace ZooPlatform.Artifact.Oci;

/// <summary>A manifest, or the config that it names: made once for a revision, the same bytes ever after.</summary>
internal sealed class OciDocument
{
    public required Guid RepositoryId { get; init; }
    public required string Sha256 { get; init; }
    public required string Revision { get; init; }
    public required OciDocumentKind Kind { get; init; }
    public required byte[] Content { get; init; }

    public string Digest => OciDigest.Prefix + Sha256;

    public string MediaType => Kind == OciDocumentKind.Manifest ? OciMediaTypes.Manifest : OciMediaTypes.Config;
}

internal enum OciDocumentKind
{
    Manifest,
    Config,
}

internal static class OciMediaTypes
{
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Index = "application/vnd.oci.image.index.v1+json";

    /// <summary>Of the CNCF model-spec ("ModelPack").</summary>
    public const string Artifact = "application/vnd.cncf.model.manifest.v1+json";
    public const string Config = "application/vnd.cncf.model.config.v1+json";
}
