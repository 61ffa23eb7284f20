using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.Pages;

namespace ZooPlatform.Identity.OAuth;

/// <summary><c>/connect/authorize</c>: sends the browser to sign-in, to consent, or back to the client with a code.</summary>
internal static class AuthorizeRoutes
{
    public const string Path = "/connect/authorize";

    public static void MapAuthorize(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/authorize", [HttpMethods.Get, HttpMethods.Post], Authorize).DisableAntiforgery();   // changes nothing but by code

    private static async Task<IResult> Authorize(
        HttpContext context, IdentityDb db, Sessions sessions, IssueCode issue, IOptions<PlatformOptions> platform, TimeProvider time, CancellationToken ct)
    {
        var parameters = await OAuthParameters.OfAsync(context.Request, ct);
        var check = AuthorizeRequest.Check(parameters, await ClientAsync(db, parameters, ct));
        if (check is AuthorizeCheck.Page { Why: var why }) return new ErrorPage(400, "This sign-in request cannot be followed", why);

        var signedIn = await sessions.FindAsync(context, ct);
        if (check is AuthorizeCheck.Refused refused)
        {
            // An error that goes to a stranger's client is a redirect anybody can make us do: only for a signed-in person.
            if (!refused.Client.FirstParty && signedIn is null && parameters["prompt"] != "none") return ToSignIn(parameters);
            return new BackToClient(refused.RedirectUri, refused.State, platform.Value.Issuer, refused.Error);
        }

        var request = ((AuthorizeCheck.Valid)check).Request;
        var tooOld = signedIn is not null && request.MaxAge is { } age && signedIn.Session.SignedInAt + age < time.GetUtcNow();
        if (signedIn is null || tooOld || request.Prompts.Overlaps(["login", "select_account"]))
        {
            return request.Prompts.Contains("none")
                ? Refuse(request, new OAuthError("login_required", "Nobody is signed in, or not lately enough."), platform.Value)
                : ToSignIn(parameters);
        }
        if (!request.Client.FirstParty || request.Prompts.Contains("consent"))
        {
            return request.Prompts.Contains("none")
                ? Refuse(request, new OAuthError("consent_required", "The user has to be asked."), platform.Value)
                : TypedResults.Redirect($"/connect/consent{parameters.ToQuery()}");
        }
        var code = await issue.RunAsync(request, signedIn, ct);
        return new BackToClient(request.RedirectUri, request.State, platform.Value.Issuer, code);
    }

    public static async Task<OAuthClient?> ClientAsync(IdentityDb db, OAuthParameters parameters, CancellationToken ct) =>
        parameters["client_id"] is { } id ? await db.Clients.AsNoTracking().SingleOrDefaultAsync(client => client.Id == id, ct) : null;

    private static BackToClient Refuse(AuthorizeRequest request, OAuthError error, PlatformOptions platform) =>
        new(request.RedirectUri, request.State, platform.Issuer, error);

    /// <remarks>What asked for a fresh sign-in is left out of the way back: it has then been given.</remarks>
    private static SeeOther ToSignIn(OAuthParameters parameters)
    {
        var back = Path + parameters.ToQuery("prompt", "max_age");
        return new SeeOther($"/account/sign-in{QueryString.Create("returnUrl", back)}");
    }
}

/// <summary>303: the browser goes on with GET whatever it came with, so that a posted password is never posted again.</summary>
internal sealed record SeeOther(string Location) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = Location;
        return Task.CompletedTask;
    }
}

/// <summary>The answer at the client's redirect URI; always with <c>iss</c> (RFC 9207).</summary>
internal sealed class BackToClient : IResult
{
    private readonly SeeOther _redirect;

    public BackToClient(string redirectUri, string? state, string issuer, string code)
        : this(redirectUri, [KeyValuePair.Create("code", (string?)code)], state, issuer)
    {
    }

    public BackToClient(string redirectUri, string? state, string issuer, OAuthError error)
        : this(redirectUri, [KeyValuePair.Create("error", (string?)error.Error), KeyValuePair.Create("error_description", (string?)error.Description)], state, issuer)
    {
    }

    private BackToClient(string redirectUri, List<KeyValuePair<string, string?>> parameters, string? state, string issuer)
    {
        if (state is not null) parameters.Add(KeyValuePair.Create("state", (string?)state));
        parameters.Add(KeyValuePair.Create("iss", (string?)issuer));
        var query = QueryString.Create(parameters).Value!;
        Location = redirectUri + (redirectUri.Contains('?', StringComparison.Ordinal) ? "&" + query[1..] : query);
        _redirect = new SeeOther(Location);
    }

    public string Location { get; }

    public Task ExecuteAsync(HttpContext httpContext) => _redirect.ExecuteAsync(httpContext);
}
