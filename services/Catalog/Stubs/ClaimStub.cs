using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZooPlatform.Catalog.Models;

namespace ZooPlatform.Catalog.Stubs;

internal enum ClaimOutcome
{
    /// <summary>The card asks for none.</summary>
    None,
    Claimed,
    Malformed,

    /// <summary>Another model holds it; which one is nobody's business here.</summary>
    Taken,
}

/// <summary>Gives a model the stub its card asks for, inside the caller's transaction. Safe to repeat.</summary>
internal sealed class ClaimStub(CatalogDb db)
{
    public async Task<ClaimOutcome> RunAsync(Model model, CancellationToken ct)
    {
        var isStub = StubPath.TryParse(model.WantedStub, out var stub);
        model.Stub = stub?.Value;
        try
        {
            await db.SaveChangesAsync(ct);   // within a savepoint: a refused claim undoes nothing else
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The unique index decides who wins a race; a check before the write cannot.
            model.Stub = null;
            await db.SaveChangesAsync(ct);
            return ClaimOutcome.Taken;
        }
        return isStub ? ClaimOutcome.Claimed : model.WantedStub is null ? ClaimOutcome.None : ClaimOutcome.Malformed;
    }
}
