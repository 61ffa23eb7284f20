using System.Net;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.ServiceDefaults.Http;

namespace ZooPlatform.Artifact.Owners;

/// <summary>Finds a user or organisation by name: in the replica, and where that lacks it (it was made a moment ago) at Identity.</summary>
internal sealed class FindOwner(ArtifactDb db, IHttpClientFactory clients)
{
    /// <exception cref="HttpRequestException">The replica lacks it and Identity is out of reach.</exception>
    public async Task<Owner?> RunAsync(string name, CancellationToken ct)
    {
        if (!OwnerName.TryParse(name, out var parsed)) return null;
        var folded = parsed.Value.ToLowerInvariant();
        if (await db.Owners.AsNoTracking().FirstOrDefaultAsync(owner => !owner.Deleted && owner.Name.ToLower() == folded, ct) is { } known) return known;

        using var identity = clients.CreateClient(ServiceClients.Own("identity"));
        using var response = await identity.GetAsync($"/internal/owners/by-name/{parsed.Value}", ct);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        response.EnsureSuccessStatusCode();
        var state = await response.Content.ReadFromJsonAsync<OwnerState>(ZooJson.Options, ct);
        if (state is null) return null;
        await db.Database.ExecuteSqlAsync($"""
            insert into owners (id, kind, name) values ({state.Id}, {state.Kind.ToString().ToLowerInvariant()}, {state.Name})
            on conflict (id) do nothing
            """, ct);
        return new Owner { Id = state.Id, Kind = state.Kind, Name = state.Name };
    }
}
