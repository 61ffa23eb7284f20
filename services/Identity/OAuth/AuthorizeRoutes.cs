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
            return BackToClient.With(refused, platform.Value.Issuer);
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
                : new SeeOther($"/connect/consent{parameters.ToQuery()}");
        }
        var code = await issue.RunAsync(request, signedIn, ct);
        return BackToClient.With(request, platform.Value.Issuer, code);
    }

    public static async Task<OAuthClient?> ClientAsync(IdentityDb db, OAuthParameters parameters, CancellationToken ct) =>
        parameters["client_id"] is { } id ? await db.Clients.AsNoTracking().SingleOrDefaultAsync(client => client.Id == id, ct) : null;

    private static BackToClient Refuse(AuthorizeRequest request, OAuthError error, PlatformOptions platform) => BackToClient.With(request, platform.Issuer, error);

    /// <remarks>What asked for a fresh sign-in is left out of the way back: it has then been given.</remarks>
    private static SeeOther ToSignIn(OAuthParameters parameters)
    {
        var prompt = string.Join(' ', (parameters["prompt"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Except(["login", "select_account"]));
        var query = parameters.ToQuery("prompt", "max_age");
        if (prompt.Length > 0) query = query.Add("prompt", prompt);
        return new SeeOther($"/account/sign-in{QueryString.Create("returnUrl", Path + query)}");
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
