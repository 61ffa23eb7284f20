using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Identity.Owners;

/// <summary>Owners as the feed tells them.</summary>
internal static class OwnerChanges
{
    public static Expression<Func<Owner, OwnerState>> State { get; } = owner => new OwnerState(owner.Id, owner.Kind, owner.Name, owner.DisplayName);

    public static string KindOf(OwnerKind kind) => kind == OwnerKind.User ? "user" : "organisation";

    public static async Task<IReadOnlyDictionary<Guid, OwnerState>> StatesAsync(IdentityDb db, IReadOnlyList<Guid> subjects, CancellationToken ct) =>
        await db.Owners.Where(owner => subjects.Contains(owner.Id) && !owner.Deleted).Select(State).ToDictionaryAsync(state => state.Id, ct);
}
