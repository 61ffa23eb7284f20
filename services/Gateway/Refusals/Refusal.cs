using ZooPlatform.Gateway.Routes;

namespace ZooPlatform.Gateway.Refusals;

/// <summary>Something the gateway refuses itself. How it looks is the route's <see cref="ErrorShape"/>.</summary>
/// <param name="Type">Stable; <c>urn:zoo:</c> is put before it.</param>
/// <param name="Detail">What happened, to what, and what to do next.</param>
internal sealed record Refusal(int Status, string Type, string Detail)
{
    /// <summary>Null: no Retry-After.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static Refusal CredentialRefused => new(401, "credential.refused",
        "Invalid credentials in Authorization header: the token is unknown, expired or revoked. Sign in again or make a new token.");

    public static Refusal CredentialUnreadable => new(401, "credential.unreadable",
        "The Authorization header is none this takes. Send: Authorization: Bearer hf_zoop_...");

    public static Refusal TokenInQuery => new(400, "credential.in-query",
        "A token does not belong into an address, where logs and histories keep it. Revoke it, and send a new one in the Authorization header.");

    public static Refusal CrossSite => new(403, "cross-site",
        "Another site's page sent this with your session, so it was not done. Do it from a page of this platform, or with a token.");

    public static Refusal IdentityUnreachable => new(503, "identity.unreachable",
        "The sign-in service cannot be reached just now. Nothing was changed; try again in a few seconds.") { RetryAfter = TimeSpan.FromSeconds(2) };

    public static Refusal ServiceUnreachable(string service) => new(503, "service.unreachable",
        $"The service '{service}' cannot be reached just now. Try again in a few seconds.") { RetryAfter = TimeSpan.FromSeconds(2) };

    public static Refusal ServiceSilent(string service) => new(504, "service.silent", $"The service '{service}' did not answer in time.");

    public static Refusal ServiceBroke(string service) => new(502, "service.broke", $"The service '{service}' broke off. Look at its log.");

    public static Refusal BodyTooLarge(long maxBytes) => new(413, "body.too-large", $"This takes up to {maxBytes} bytes.");

    public static Refusal TooManyRequests(TimeSpan wait) => new(429, "too-many-requests", "Too many requests from you or your address. Wait, then go on.") { RetryAfter = wait };

    public static Refusal UpgradeRefused => new(501, "upgrade.refused", "There are no WebSockets here; live progress comes as server-sent events.");

    public static Refusal RouteUnknown => new(404, "not-found", "There is nothing here that you can see.");
}
