using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.Pages;

namespace ZooPlatform.Identity.OAuth;

/// <summary><c>/connect/logout</c> (OpenID Connect RP-Initiated Logout): a client sends the browser here to sign its user out.</summary>
/// <remarks>Only a client that shows an ID token of ours (an expired one will do) for the user who is signed in signs them out without a question, and
/// only it gets the browser back, at an address it registered. Anybody else's link leads to the page that asks.</remarks>
internal static class EndSession
{
    private const string Path = "/connect/logout";

    public static void MapEndSession(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/logout", [HttpMethods.Get, HttpMethods.Post], End).DisableAntiforgery();   // needs the user's own ID token

    private static async Task<IResult> End(
        HttpContext context, IdentityDb db, Sessions sessions, IdTokens idTokens, CancellationToken ct)
    {
        var parameters = await OAuthParameters.OfAsync(context.Request, ct);
        if (parameters.Repeated is { } repeated) return new ErrorPage(400, "This sign-out request cannot be followed", $"The parameter '{repeated}' came more than once.");
        // The session's cookie does not come with another site's POST, but with the GET that this redirect makes.
        if (HttpMethods.IsPost(context.Request.Method)) return new SeeOther(Path + parameters.ToQuery());

        var hint = parameters["id_token_hint"] is { } token ? idTokens.ReadHint(token) : null;
        if (hint is not null && parameters["client_id"] is { } named && named != hint.ClientId) hint = null;
        var client = hint is null ? null : await db.Clients.FindAsync([hint.ClientId], ct);
        var signedIn = await sessions.FindAsync(context, ct);
        if (hint is null || client is null || (signedIn is not null && signedIn.User.Id != hint.UserId)) return new SeeOther("/account/sign-out");

        var back = parameters["post_logout_redirect_uri"];
        if (back is not null && !client.PostLogoutRedirectUris.Contains(back))
            return new ErrorPage(400, "This sign-out request cannot be followed", $"'{client.Name}' is not registered with the address that it wants you sent to.");
        await sessions.EndAsync(context, ct);
        if (back is null) return new SeeOther(ReturnUrl.Home);
        return new SeeOther(parameters["state"] is { } state
            ? $"{back}{(back.Contains('?', StringComparison.Ordinal) ? '&' : '?')}state={Uri.EscapeDataString(state)}"
            : back);
    }
}
