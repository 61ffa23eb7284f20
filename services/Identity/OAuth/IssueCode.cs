using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.Audit;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.OAuth;

/// <summary>Gives a client a code for the signed-in user.</summary>
internal sealed class IssueCode(IdentityDb db, AuditTrail audit, TimeProvider time)
{
    public async Task<string> RunAsync(AuthorizeRequest request, SignedInUser signedIn, CancellationToken ct)
    {
        var code = OpaqueToken.NewSecret();
        db.AuthorizationCodes.Add(new AuthorizationCode
        {
            Hash = OpaqueToken.HashOf(code), ClientId = request.Client.Id, UserId = signedIn.User.Id, RedirectUri = request.RedirectUri,
            Challenge = request.Challenge, Scopes = [.. request.Scopes], Nonce = request.Nonce,
            SignedInAt = signedIn.Session.SignedInAt, SessionId = signedIn.Session.Id, ExpiresAt = time.GetUtcNow() + AuthorizationCode.Life,
        });
        audit.Add(signedIn.User.Id.ToString(), "client.authorized", request.Client.Id, string.Join(' ', request.Scopes));
        await db.SaveChangesAsync(ct);
        return code;
    }
}
