using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.Keys;
using ZooPlatform.Identity.Organisations;
using ZooPlatform.ServiceDefaults.Auth;

namespace ZooPlatform.Identity.Tokens;

/// <summary>Issues internal tokens: what services accept, for a minute.</summary>
internal sealed class InternalTokens(KeyRing keys, TimeProvider time)
{
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(60);

    /// <summary>For a user, with their memberships as of now.</summary>
    /// <param name="clientId">What they came with: an OAuth client's id, <c>token:&lt;id&gt;</c> or <c>session:&lt;id&gt;</c>.</param>
    public async Task<SwapAnswer> ForUserAsync(IdentityDb db, User user, IEnumerable<string> scopes, string clientId, CancellationToken ct)
    {
        var organisations = await db.Memberships.Where(m => m.UserId == user.Id).OrderBy(m => m.OrganisationId).Take(Memberships.MaxOfOneUser)
            .ToDictionaryAsync(m => m.OrganisationId, m => m.Role, ct);
        return Issue(user.Id.ToString(), scopes, claims => claims with
        {
            ClientId = clientId, Name = user.UserName, Organisations = organisations,
            IsAdministrator = user.IsAdministrator, IsGuest = user.IsGuest,
        });
    }

    /// <summary>For a service account: its organisation's, with its role there as of now.</summary>
    public SwapAnswer ForServiceAccount(ServiceAccount account, string organisation, IEnumerable<string> scopes, string clientId) =>
        Issue($"{InternalClaims.ClientPrefix}{account.Id}", scopes, claims => claims with
        {
            ClientId = clientId, Name = $"{organisation}/{account.Name}",
            Organisations = new Dictionary<Guid, Role> { [account.OrganisationId] = account.Role },
        });

    /// <summary>For a service's own work.</summary>
    public SwapAnswer ForClient(string id, IEnumerable<string> scopes) =>
        Issue(InternalClaims.ClientPrefix + id, scopes, claims => claims with { ClientId = id });

    public SwapAnswer ForAnonymous() => Issue(InternalClaims.Anonymous, [Scopes.Read], claims => claims);

    private SwapAnswer Issue(string subject, IEnumerable<string> scopes, Func<InternalClaims, InternalClaims> complete)
    {
        var now = time.GetUtcNow();
        var expiresAt = now + Life;
        var claims = complete(new InternalClaims(
            InternalClaims.Platform, InternalClaims.Platform, subject, now.ToUnixTimeSeconds(), expiresAt.ToUnixTimeSeconds(),
            Guid.CreateVersion7(now).ToString("N"), string.Join(' ', scopes)));
        var key = keys.Active(SigningKey.Internal);
        return new SwapAnswer(claims.Sign((ECDsa)key.Key, key.Id), expiresAt, subject);
    }
}
