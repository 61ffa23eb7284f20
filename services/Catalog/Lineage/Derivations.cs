using Microsoft.EntityFrameworkCore;
using ZooPlatform.Catalog.Models;

namespace ZooPlatform.Catalog.Lineage;

/// <summary>One model was made from another; both are in this zoo.</summary>
internal sealed record Derivation
{
    public required Guid Base { get; init; }
    public required Guid Model { get; init; }
    public required string Relation { get; init; }
}

/// <summary>Derivations between models, of which a card tells one end by its name. A model that the caller may not see is no end of any.</summary>
internal static class Derivations
{
    /// <summary>What these were made from.</summary>
    public static IQueryable<Derivation> Above(CatalogDb db, IQueryable<Model> visible, Guid[] models) =>
        from edge in db.Set<LineageEdge>()
        where models.Contains(edge.ModelId)
        join parent in visible on edge.Base.ToLower() equals (parent.Owner + "/" + parent.Name).ToLower()
        where parent.Id != edge.ModelId
        select new Derivation { Base = parent.Id, Model = edge.ModelId, Relation = edge.Relation };

    /// <summary>What was made from these.</summary>
    public static IQueryable<Derivation> Below(CatalogDb db, IQueryable<Model> visible, Guid[] models) =>
        from parent in visible
        where models.Contains(parent.Id)
        join edge in db.Set<LineageEdge>() on (parent.Owner + "/" + parent.Name).ToLower() equals edge.Base.ToLower()
        join child in visible on edge.ModelId equals child.Id
        where parent.Id != child.Id
        orderby child.Id
        select new Derivation { Base = parent.Id, Model = child.Id, Relation = edge.Relation };
}
