using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Gateway;

/// <summary>Every refusal of the gateway's own, beside those that all services share (<see cref="Problem"/>). How it looks is the route's
/// <see cref="ErrorShape"/>.</summary>
internal static class GatewayProblems
{
    public static ProblemHttpResult CredentialRefused => Problem.Of(401, "credential.refused",
        "Invalid credentials in Authorization header: the token is unknown, expired or revoked. Sign in again or make a new token.");

    public static ProblemHttpResult CredentialUnreadable => Problem.Of(401, "credential.unreadable",
        "The Authorization header is none this takes. Send: Authorization: Bearer hf_zoop_...");

    public static ProblemHttpResult TokenInQuery => Problem.Of(400, "credential.in-query",
        "A token does not belong into an address, where logs and histories keep it. Revoke it, and send a new one in the Authorization header.");

    public static ProblemHttpResult CrossSite => Problem.Of(403, "cross-site",
        "Another site's page sent this with your session, so it was not done. Do it from a page of this platform, or with a token.");

    public static ProblemHttpResult ServiceUnreachable(string service) => Problem.Of(503, "service.unreachable",
        $"The service '{service}' cannot be reached just now. Try again in a few seconds.");

    public static ProblemHttpResult ServiceSilent(string service) => Problem.Of(504, "service.silent", $"The service '{service}' did not answer in time.");

    public static ProblemHttpResult ServiceBroke(string service) => Problem.Of(502, "service.broke", $"The service '{service}' broke off. Look at its log.");

    public static ProblemHttpResult BodyTooLarge(long maxBytes) => Problem.Of(413, "body.too-large", $"This takes up to {maxBytes} bytes.");

    public static ProblemHttpResult TooManyRequests => Problem.Of(429, "too-many-requests",
        "Too many requests from you or your address. Wait as long as Retry-After says, then go on.");

    public static ProblemHttpResult UpgradeRefused => Problem.Of(501, "upgrade.refused", "There are no WebSockets here; live progress comes as server-sent events.");
}
