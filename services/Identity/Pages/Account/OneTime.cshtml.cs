using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.OAuth;

namespace ZooPlatform.Identity.Pages;

/// <summary>Opening the link only shows it; the button uses it up. So a program that looks at links cannot.</summary>
internal sealed class OneTimeModel(OneTimeLinks links, Sessions sessions) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public string? Code { get; set; }

    public string? UserName { get; private set; }

    public async Task OnGetAsync(CancellationToken ct) => UserName = await links.UserNameAsync(Code ?? "", ct);

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (await links.UseAsync(Code ?? "", ct) is not { } userId) return Page();
        await sessions.OpenAsync(HttpContext, userId, "otp", ct);
        return new PageResultOf(new SeeOther("/account"));
    }
}
