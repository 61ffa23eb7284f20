using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.OAuth;

/// <summary>Exchanges a code and its PKCE verifier for tokens, once.</summary>
internal sealed class RedeemCode(IdentityDb db, GrantTokens grants, TimeProvider time)
{
    /// <summary>Null: <c>invalid_grant</c>.</summary>
    /// <remarks>
    /// 1. Whatever is wrong with a request (client, redirect URI, verifier, time) changes nothing: else who only saw the code could void it.
    /// 2. The update decides which of several right ones is the first.
    /// 3. A right one that is not the first means that the code leaked with its verifier: what it gave is revoked.
    /// </remarks>
    public async Task<IssuedTokens?> RunAsync(OAuthClient client, string code, string? redirectUri, string verifier, CancellationToken ct)
    {
        // 1.
        var hash = OpaqueToken.HashOf(code);
        var now = time.GetUtcNow();
        var row = await db.AuthorizationCodes.AsNoTracking().SingleOrDefaultAsync(c => c.Hash == hash, ct);
        if (row is null || row.ClientId != client.Id || row.ExpiresAt <= now) return null;
        if (redirectUri is not null && redirectUri != row.RedirectUri) return null;
        if (!Proves(verifier, row.Challenge)) return null;

        // 2.
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var first = await db.AuthorizationCodes.Where(c => c.Hash == hash && c.UsedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.UsedAt, now), ct) == 1;
        var user = await db.Users.AsNoTracking().SingleAsync(u => u.Id == row.UserId, ct);
        if (first && !user.IsDisabled)
        {
            var issued = await grants.IssueAsync(client, user, new Granted(row.Scopes, row.Nonce, row.SignedInAt, row.SessionId), ct);
            await db.AuthorizationCodes.Where(c => c.Hash == hash).ExecuteUpdateAsync(set => set.SetProperty(c => c.GrantId, issued.GrantId), ct);
            await transaction.CommitAsync(ct);
            return issued;
        }

        // 3.
        var grantId = await db.AuthorizationCodes.Where(c => c.Hash == hash).Select(c => c.GrantId).SingleAsync(ct);
        if (grantId is { } leaked) await grants.RevokeAsync(leaked, "its code was redeemed twice", ct);
        await transaction.CommitAsync(ct);
        return null;
    }

    private static bool Proves(string verifier, string challenge) => CryptographicOperations.FixedTimeEquals(
        Encoding.ASCII.GetBytes(WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)))), Encoding.ASCII.GetBytes(challenge));
}
