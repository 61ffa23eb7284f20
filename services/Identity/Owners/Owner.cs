using ZooPlatform.Contracts;

namespace ZooPlatform.Identity.Owners;

/// <summary>A user or an organisation: whoever can own repositories. Its row outlives it, so that its name never
/// passes to another.</summary>
internal sealed class Owner
{
    public required Guid Id { get; init; }
    public required OwnerKind Kind { get; init; }

    /// <summary>As written by whoever chose it; see <see cref="OwnerName"/>.</summary>
    public required string Name { get; init; }

    /// <summary><see cref="OwnerName.Folded"/>: unique over users and organisations together.</summary>
    public required string FoldedName { get; init; }
    public string? DisplayName { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public bool Deleted { get; set; }

    public static Owner Of(Guid id, OwnerKind kind, OwnerName name, string? displayName, DateTimeOffset now) => new()
    {
        Id = id, Kind = kind, Name = name.Value, FoldedName = name.Folded, DisplayName = displayName, CreatedAt = now,
    };
}
