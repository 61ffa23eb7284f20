using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.Accounts;

/// <summary>Opens, finds and ends the sessions of browsers.</summary>
internal sealed class Sessions(IdentityDb db, SessionCookie cookie, IOptions<SignInLimitOptions> options, TimeProvider time)
{
    /// <summary>A new session in place of the one the browser had, if any: whoever knew the old cookie gains nothing.</summary>
    /// <param name="method">See <see cref="Session.Method"/>.</param>
    public async Task OpenAsync(HttpContext context, Guid userId, string method, CancellationToken ct)
    {
        await EndAsync(context, ct);
        var secret = OpaqueToken.NewSecret();
        var now = time.GetUtcNow();
        var session = new Session
        {
            Id = Guid.CreateVersion7(now), UserId = userId, Hash = OpaqueToken.HashOf(secret),
            SignedInAt = now, Method = method, ExpiresAt = now + options.Value.SessionLife,
        };
        db.Sessions.Add(session);
        await db.SaveChangesAsync(ct);
        cookie.Write(context.Response, secret, session.ExpiresAt);
    }

    /// <summary>Who is signed in; null: nobody.</summary>
    public async Task<SignedInUser?> FindAsync(HttpContext context, CancellationToken ct) =>
        cookie.Read(context.Request) is { } secret ? await FindAsync(secret, ct) : null;

    /// <inheritdoc cref="FindAsync(HttpContext, CancellationToken)"/>
    /// <param name="secret">The cookie's value.</param>
    public async Task<SignedInUser?> FindAsync(string secret, CancellationToken ct)
    {
        var hash = OpaqueToken.HashOf(secret);
        var now = time.GetUtcNow();
        return await db.Sessions.AsNoTracking().Where(s => s.Hash == hash && s.RevokedAt == null && s.ExpiresAt > now)
            .Join(db.Users.AsNoTracking().Where(u => !u.IsDisabled), s => s.UserId, u => u.Id, (s, u) => new SignedInUser(s, u))
            .SingleOrDefaultAsync(ct);
    }

    /// <summary>Ends the browser's session.</summary>
    public async Task EndAsync(HttpContext context, CancellationToken ct)
    {
        if (cookie.Read(context.Request) is not { } secret) return;
        var hash = OpaqueToken.HashOf(secret);
        await db.Sessions.Where(s => s.Hash == hash && s.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.RevokedAt, time.GetUtcNow()), ct);
        cookie.Delete(context.Response);
    }

    /// <summary>Ends every session and every client's grant of a user, after a new password.</summary>
    public async Task EndAllAsync(Guid userId, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await db.Sessions.Where(s => s.UserId == userId && s.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(s => s.RevokedAt, now), ct);
        await db.Grants.Where(g => g.UserId == userId && g.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(g => g.RevokedAt, now), ct);
    }
}

internal sealed record SignedInUser(Session Session, User User);
