using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.OAuth;

namespace ZooPlatform.Identity.Pages;

internal sealed class SignInModel(SignIn signIn, Sessions sessions) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public string? ReturnUrl { get; set; }

    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    public bool Failed { get; private set; }

    public void OnGet()
    {
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (await signIn.RunAsync(Name ?? "", Password ?? "", ct) is { } user)
        {
            await sessions.OpenAsync(HttpContext, user.Id, "pwd", ct);
            return new PageResultOf(new SeeOther(Accounts.ReturnUrl.LocalOrHome(ReturnUrl)));
        }
        Failed = true;
        return Page();
    }
}
