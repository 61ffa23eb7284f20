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
    public async Task<SwapAnswer> ForUserAsync(IdentityDb db, User user, IEnumerable<string> scopes, string clientId, CancellationToken ct) =>
        Sign(await ClaimsOfUserAsync(db, user, scopes, clientId, ct));

    /// <summary>For a service account: its organisation's, with its role there as of now.</summary>
    public SwapAnswer ForServiceAccount(ServiceAccount account, string organisation, IEnumerable<string> scopes, string clientId) =>
        Sign(ClaimsOfServiceAccount(account, organisation, scopes, clientId));

    /// <summary>For a service's own work.</summary>
    public SwapAnswer ForClient(string id, IEnumerable<string> scopes) => Sign(Claims(InternalClaims.ClientPrefix + id, scopes) with { ClientId = id });

    public SwapAnswer ForAnonymous() => Sign(Claims(InternalClaims.Anonymous, [Scopes.Read]));

    /// <summary>What <see cref="ForUserAsync"/> signs.</summary>
    public async Task<InternalClaims> ClaimsOfUserAsync(IdentityDb db, User user, IEnumerable<string> scopes, string clientId, CancellationToken ct)
    {
        var organisations = await db.Memberships.Where(m => m.UserId == user.Id).OrderBy(m => m.OrganisationId).Take(Memberships.MaxOfOneUser)
            .ToDictionaryAsync(m => m.OrganisationId, m => m.Role, ct);
        return Claims(user.Id.ToString(), scopes) with
        {
            ClientId = clientId, Name = user.UserName, Organisations = organisations,
            IsAdministrator = user.IsAdministrator, IsGuest = user.IsGuest,
        };
    }

    /// <summary>What <see cref="ForServiceAccount"/> signs.</summary>
    public InternalClaims ClaimsOfServiceAccount(ServiceAccount account, string organisation, IEnumerable<string> scopes, string clientId) =>
        Claims($"{InternalClaims.ClientPrefix}{account.Id}", scopes) with
        {
            ClientId = clientId, Name = $"{organisation}/{account.Name}",
            Organisations = new Dictionary<Guid, Role> { [account.OrganisationId] = account.Role },
        };

    private InternalClaims Claims(string subject, IEnumerable<string> scopes)
    {
        var now = time.GetUtcNow();
        return new InternalClaims(
            InternalClaims.Platform, InternalClaims.Platform, subject, now.ToUnixTimeSeconds(), (now + Life).ToUnixTimeSeconds(),
            Guid.CreateVersion7(now).ToString("N"), string.Join(' ', scopes));
    }

    private SwapAnswer Sign(InternalClaims claims)
    {
        var key = keys.Active(SigningKey.Internal);
        return new SwapAnswer(claims.Sign((ECDsa)key.Key, key.Id), DateTimeOffset.FromUnixTimeSeconds(claims.ExpiresAt), claims.Subject);
    }
}
