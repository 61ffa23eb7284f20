using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Options;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.OAuth;

namespace ZooPlatform.Identity.Pages;

/// <summary>Asks the person whether an application may act for them. What comes back is checked again from the beginning.</summary>
internal sealed class ConsentModel(IdentityDb db, Sessions sessions, IssueCode issue, IOptions<PlatformOptions> platform) : PageModel
{
    public AuthorizeRequest? Ask { get; private set; }
    public SignedInUser? SignedIn { get; private set; }
    public string? Why { get; private set; }
    public IEnumerable<KeyValuePair<string, string>> Parameters { get; private set; } = [];
    public string RedirectHost => new Uri(Ask!.RedirectUri).Authority;

    public static string Meaning(string scope) => scope switch
    {
        "openid" => "learn who you are",
        "profile" => "learn your name",
        "email" => "learn your e-mail address",
        "read" => "read everything you can read",
        "write" => "upload and change what you can change",
        "infer" => "run models for you",
        "admin" => "manage your organisations and tokens",
        _ => scope,
    };

    public async Task<IActionResult> OnGetAsync(CancellationToken ct) => await CheckAsync(ct) ?? Page();

    public async Task<IActionResult> OnPostAsync(string? decision, CancellationToken ct)
    {
        if (await CheckAsync(ct) is { } elsewhere) return elsewhere;
        if (Ask is null) return Page();
        var issuer = platform.Value.Issuer;
        return new PageResultOf(decision == "allow"
            ? BackToClient.With(Ask, issuer, await issue.RunAsync(Ask, SignedIn!, ct))
            : BackToClient.With(Ask, issuer, OAuthError.AccessDenied));
    }

    /// <summary>Fills the page; an answer of its own when nobody is signed in.</summary>
    private async Task<IActionResult?> CheckAsync(CancellationToken ct)
    {
        var parameters = await OAuthParameters.OfAsync(Request, ct);
        SignedIn = await sessions.FindAsync(HttpContext, ct);
        if (SignedIn is null) return new PageResultOf(new SeeOther($"{AuthorizeRoutes.Path}{parameters.ToQuery("decision", "form_token")}"));
        var check = AuthorizeRequest.Check(parameters, await AuthorizeRoutes.ClientAsync(db, parameters, ct));
        Ask = (check as AuthorizeCheck.Valid)?.Request;
        Why = check switch
        {
            AuthorizeCheck.Page page => page.Why,
            AuthorizeCheck.Refused refused => refused.Error.Description,
            _ => null,
        };
        Parameters = parameters.Without("decision", "form_token");
        return null;
    }
}
