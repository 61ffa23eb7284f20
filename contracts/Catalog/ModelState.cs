namespace ZooPlatform.Contracts.Catalog;

/// <summary>A model in Catalog's feed; the subject is the repository's id.</summary>
/// <param name="Readers">Reader keys: who may read it.</param>
/// <param name="Revision">The revision that was read.</param>
/// <param name="Text">The card as plain text, at most 16 KiB: for full-text search.</param>
public sealed record ModelState(
    Guid Id, string Owner, string Name, Visibility Visibility, IReadOnlyList<string> Readers, string? Revision, string Title,
    string? Summary, string? Text, string? Stub, string? Task, string? Domain, IReadOnlyList<string> Frameworks,
    IReadOnlyList<string> Formats, string? License, IReadOnlyList<string> Tags, long? Parameters, long SizeBytes, double? LatencyP50Ms,
    IReadOnlyList<ModelFileState> Files, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A model file of it.</summary>
/// <param name="Fit">May it go to ONNX Runtime; null when it is of another format.</param>
/// <param name="Unfit">Why not: the finding's kind and message.</param>
/// <param name="ExternalData">Paths (in the repository) of the files its weights lie in.</param>
public sealed record ModelFileState(
    string Path, string Sha256, long SizeBytes, string Format, bool? Fit, string? Unfit, IReadOnlyList<string> ExternalData);
