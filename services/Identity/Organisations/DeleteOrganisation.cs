using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Artifact;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Owners;
using ZooPlatform.ServiceDefaults.Feeds;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Identity.Organisations;

/// <summary>Ends an organisation that owns no repository any more. Memberships, invitations, service accounts and their tokens go; the name
/// stays taken for ever.</summary>
/// <remarks>A repository that is made between the question to Artifact and the end goes with its owner: Artifact follows our feed.</remarks>
internal sealed class DeleteOrganisation(IdentityDb db, AuditTrail audit, IHttpClientFactory clients, TimeProvider time)
{
    /// <summary>False: it still owns repositories.</summary>
    /// <exception cref="HttpRequestException">Artifact is out of reach; nothing was changed.</exception>
    public async Task<bool> RunAsync(Owner organisation, string actor, CancellationToken ct)
    {
        // An owner sees every repository of their organisation, so the caller's own eyes are enough.
        using var artifact = clients.CreateClient(ServiceClients.ForCaller("artifact"));
        var left = await artifact.GetFromJsonAsync<Page<RepositoryView>>($"/api/v1/repositories?owner={organisation.Name}&limit=1", ZooJson.Options, ct);
        if (left is not { Items.Count: 0 }) return false;

        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await db.Owners.Where(o => o.Id == organisation.Id).ExecuteUpdateAsync(set => set.SetProperty(o => o.Deleted, true), ct);
        await db.Memberships.Where(m => m.OrganisationId == organisation.Id).ExecuteDeleteAsync(ct);
        await db.ServiceAccounts.Where(a => a.OrganisationId == organisation.Id).ExecuteDeleteAsync(ct);
        await db.Invitations.Open(now).Where(i => i.OrganisationId == organisation.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(i => i.RevokedAt, now), ct);
        audit.Add(actor, "organisation.deleted", organisation.Id.ToString(), organisation.Name);
        await db.SaveChangesAsync(ct);
        await db.Database.TouchAsync(organisation.Id, OwnerChanges.KindOf(organisation.Kind), deleted: true, ct);
        await transaction.CommitAsync(ct);
        return true;
    }
}
