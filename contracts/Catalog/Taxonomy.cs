namespace ZooPlatform.Contracts.Catalog;

/// <summary>The words that cards are sorted by: <c>GET /api/v1/taxonomy</c>. A card may use others.</summary>
public sealed record TaxonomyView(IReadOnlyList<DomainView> Domains);

/// <param name="Name"><c>cv</c>, <c>nlp</c>, ...</param>
/// <param name="Tasks"><c>image-classification</c>, ...</param>
public sealed record DomainView(string Name, IReadOnlyList<string> Tasks);
