using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace ZooPlatform.ServiceDefaults.Feeds;

public static class ChangeLog
{
    /// <summary>Says, in the transaction that changes it, that a subject changed. Readers learn its state once the transaction is committed.</summary>
    /// <exception cref="InvalidOperationException">There is no transaction: the change and its row must be one.</exception>
    public static async Task TouchAsync(this DatabaseFacade database, Guid subject, string kind, bool deleted, CancellationToken ct)
    {
        if (database.CurrentTransaction is null)
            throw new InvalidOperationException("A change is told in the transaction that makes it: begin one first.");
        await database.ExecuteSqlAsync($"""
            insert into changes (subject, kind, deleted) values ({subject}, {kind}, {deleted})
            on conflict (subject) do update set version = changes.version + 1, kind = excluded.kind, deleted = excluded.deleted
            """, ct);
    }
}
