using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using ZooPlatform.Gateway.Routes;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Gateway.Callers;

/// <summary>What happens to a request before it goes to its service.</summary>
/// <remarks>
/// 1. A token in the address has leaked: refused. So is a WebSocket: there are none.
/// 2. A body over the route's limit: refused before a byte is read.
/// 3. The session cookie works for a page of ours only, unless nothing is changed (CSRF).
/// 4. The credential is swapped for an internal token. An invalid one is 401; on pages, a dead session is nobody's. A capability, which
///    its service checks itself, goes on in a header of its own.
/// 5. Who changes something at Identity (an organisation, a token) sees it with the next request: the kept answer is forgotten.
/// 6. Headers that only the gateway may write are dropped; then it writes its own.
/// </remarks>
internal sealed class Admission(CallerTokens tokens, IOptions<PlatformOptions> platform, ILogger<Admission> logger)
{
    public async Task RunAsync(HttpContext context, ZooRoute route, Func<Task> forwardAsync)
    {
        if (await RefusalOfAsync(context, route) is { } refusal) await context.RefuseAsync(refusal, route.Errors);
        else await forwardAsync();
    }

    private async Task<ProblemHttpResult?> RefusalOfAsync(HttpContext context, ZooRoute route)
    {
        var request = context.Request;
        if (HasTokenInQuery(request))                                                                              // 1
        {
            logger.TokenInQuery(request.Method, request.Path);
            return GatewayProblems.TokenInQuery;
        }
        if (request.Headers.Upgrade == "websocket" || HttpMethods.IsConnect(request.Method)) return GatewayProblems.UpgradeRefused;
        if (request.ContentLength > route.MaxBodyBytes) return GatewayProblems.BodyTooLarge(route.MaxBodyBytes!.Value);    // 2

        var cookie = platform.Value.SessionCookie;
        var comesWithSession = request.Cookies.ContainsKey(cookie) && request.Headers.Authorization.Count == 0;
        if (comesWithSession && !IsSafe(request.Method) && !IsSameOrigin(request)) return GatewayProblems.CrossSite;       // 3

        if (route.Credentials == Credentials.Swapped)                                                              // 4
        {
            if (Credential.Of(request, route, cookie) is not { } credential) return GatewayProblems.CredentialUnreadable;
            var outcome = await tokens.SwapAsync(credential, context.RequestAborted);
            if (outcome is SwapOutcome.Refused && credential.IsSession && route.Errors == ErrorShape.Page)
                outcome = await tokens.SwapAsync(Credential.Anonymous, context.RequestAborted);
            if (outcome is SwapOutcome.Refused) return GatewayProblems.CredentialRefused;
            if (outcome is not SwapOutcome.Swapped { Token: var token }) return Problem.IdentityUnreachable;
            if (route.Service == "identity" && !IsSafe(request.Method))                                            // 5
                context.Response.OnStarting(() =>
                {
                    tokens.Forget(credential);
                    return Task.CompletedTask;
                });
            ForgedHeaders.Replace(context, route, cookie);                                                         // 6
            request.Headers.Authorization = $"Bearer {token}";
            return null;
        }
        if (route.Credentials == Credentials.Capability)                                                           // 4
        {
            var capability = Credential.BearerOf(request);
            if (await tokens.SwapAsync(Credential.Anonymous, context.RequestAborted) is not SwapOutcome.Swapped { Token: var anonymous }) return Problem.IdentityUnreachable;
            ForgedHeaders.Replace(context, route, cookie);                                                         // 6
            request.Headers.Authorization = $"Bearer {anonymous}";
            if (capability is not null) request.Headers[ForgedHeaders.Capability] = capability;
            return null;
        }
        ForgedHeaders.Replace(context, route, cookie);                                                             // 6
        return null;
    }

    private static bool HasTokenInQuery(HttpRequest request) =>
        request.QueryString.HasValue && request.Query.Any(pair =>
            pair.Key.Equals("access_token", StringComparison.OrdinalIgnoreCase) || pair.Value.Any(value => value?.StartsWith("hf_zoo", StringComparison.Ordinal) == true));

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method);

    /// <remarks>Pages without a referrer send <c>Origin: null</c>, so what the browser says of itself goes first (Fetch Metadata).</remarks>
    private bool IsSameOrigin(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site ? site == "same-origin" : request.Headers.Origin == platform.Value.Origin;
}
