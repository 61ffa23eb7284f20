using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.OAuth;

namespace ZooPlatform.Identity.Pages;

internal sealed class SignOutModel(Sessions sessions) : PageModel
{
    public void OnGet()
    {
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        await sessions.EndAsync(HttpContext, ct);
        return new PageResultOf(new SeeOther(ReturnUrl.Home));
    }
}
