using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Auth;
using ZooPlatform.ServiceDefaults.Http;
using ZooPlatform.ServiceDefaults.OpenApi;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Identity.Audit;

internal static class AuditRoutes
{
    public static void MapAudit(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/audit", List).RequireAuthorization(Policies.Administrator).WithTags("Audit").WithName("ListAudit").WithPages(500)
            .WithSummary("Read the audit trail").WithDescription("For administrators; newest first.").WithExample(null, ("limit", 10));

    /// <summary>The newest first.</summary>
    private static async Task<Results<Ok<Page<AuditEntryView>>, ProblemHttpResult>> List(
        IdentityDb db, CancellationToken ct, string? after = null, int limit = 100)
    {
        if (!Cursor.TryRead(after, out long before, long.MaxValue)) return Problem.CursorInvalid(after);
        var entries = await db.AuditTrail.AsNoTracking().Where(entry => entry.Sequence < before).OrderByDescending(entry => entry.Sequence).Take(limit)
            .Select(entry => new AuditEntryView(entry.Sequence, entry.At, entry.Actor, entry.Action, entry.Subject, entry.Detail, entry.Address))
            .ToListAsync(ct);
        return TypedResults.Ok(new Page<AuditEntryView>(entries,
            entries.Count == limit ? entries[^1].Sequence.ToString(CultureInfo.InvariantCulture) : null));
    }
}
