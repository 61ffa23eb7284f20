using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.OAuth;

internal abstract record ClientCheck
{
    public sealed record Proven(OAuthClient Client) : ClientCheck;
    public sealed record Refused(OAuthError Error) : ClientCheck;
}

/// <summary>Which client talks to the token, revocation, introspection or device endpoint (RFC 6749, section 2.3).</summary>
/// <remarks>
/// A public client says its id and nothing else. A confidential one proves itself by one of its secrets: in the form
/// (<c>client_secret_post</c>) or in the header (<c>client_secret_basic</c>, both halves form-encoded), never both.
/// </remarks>
internal sealed class AuthenticateClient(IdentityDb db)
{
    public async Task<ClientCheck> RunAsync(HttpContext context, OAuthParameters form, CancellationToken ct)
    {
        var header = context.Request.Headers.Authorization;
        if (header.Count > 1 || (header.Count == 1 && form["client_secret"] is not null))
            return new ClientCheck.Refused(OAuthError.InvalidRequest("Prove yourself in one way: by the header or by client_secret."));
        if (form["client_assertion"] is not null) return Refuse(context);

        var (id, secret) = (form["client_id"], form["client_secret"]);
        if (header is [{ } value])
        {
            if (!TryReadBasic(value, out var user, out secret) || (id is not null && id != user)) return Refuse(context);
            id = user;
        }
        if (id is null || await db.Clients.AsNoTracking().SingleOrDefaultAsync(c => c.Id == id, ct) is not { } client) return Refuse(context);
        if (!client.Confidential) return secret is null ? new ClientCheck.Proven(client) : Refuse(context);
        if (secret is null) return Refuse(context);

        var hash = OpaqueToken.HashOf(secret);
        var known = await db.ClientSecrets.Where(s => s.ClientId == client.Id).Select(s => s.Hash).ToListAsync(ct);
        return known.Any(candidate => CryptographicOperations.FixedTimeEquals(candidate, hash)) ? new ClientCheck.Proven(client) : Refuse(context);
    }

    private static ClientCheck.Refused Refuse(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count > 0) context.Response.Headers.WWWAuthenticate = "Basic realm=\"zoo\"";
        return new ClientCheck.Refused(OAuthError.InvalidClient);
    }

    private static bool TryReadBasic(string header, out string id, out string? secret)
    {
        (id, secret) = ("", null);
        if (!AuthenticationHeaderValue.TryParse(header, out var parsed) || !parsed.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)) return false;
        var bytes = new byte[parsed.Parameter?.Length ?? 0];
        if (!Convert.TryFromBase64String(parsed.Parameter ?? "", bytes, out var length)) return false;
        if (Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is not [var left, var right]) return false;
        (id, secret) = (FormDecoded(left), FormDecoded(right));
        return id.Length > 0;
    }

    private static string FormDecoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
