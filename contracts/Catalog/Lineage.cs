namespace ZooPlatform.Contracts.Catalog;

/// <summary>Models that are connected by derivation, as far as the caller may see them: <c>GET /api/v1/lineage/{owner}/{name}</c>.</summary>
/// <param name="Models">Bases before what is derived from them; at most 100.</param>
/// <param name="Truncated">There are more.</param>
public sealed record FamilyView(IReadOnlyList<RelativeView> Models, IReadOnlyList<DerivationView> Derivations, bool Truncated);

/// <param name="Main">The model file that is measured and served.</param>
/// <param name="Metric">The first of its card.</param>
/// <param name="LatencyP50Ms">Of the newest run.</param>
/// <param name="Findings">Errors and warnings.</param>
public sealed record RelativeView(
    Guid Id, string Owner, string Name, string Title, string? Task, IReadOnlyList<string> Formats, long? Parameters, MainFileView? Main,
    MetricView? Metric, double? LatencyP50Ms, int Findings);

/// <param name="Base">Id of the model it was made from.</param>
/// <param name="Model">Id of what was made.</param>
public sealed record DerivationView(Guid Base, Guid Model, string Relation);

/// <summary>A model that others name as their base: an item of <c>GET /api/v1/lineage</c>.</summary>
/// <param name="Variants">How many do, of those the caller may see.</param>
public sealed record BaseView(Guid Id, string Owner, string Name, string Title, int Variants);
