using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.OAuth;

namespace ZooPlatform.Identity.Pages;

/// <summary>Where a signed-in person types the code a device shows them. Nothing happens unless they press Allow.</summary>
internal sealed class DeviceModel(Sessions sessions, DecideDevice decide, TimeProvider time) : PageModel
{
    public SignedInUser SignedIn { get; private set; } = null!;   // set before any handler runs
    public DeviceCode? Code { get; private set; }
    public OAuthClient? Client { get; private set; }
    public string? Fault { get; private set; }
    public string? Done { get; private set; }

    public string Age => (time.GetUtcNow() - Code!.CreatedAt) is { TotalMinutes: >= 1 } age ? $"{(int)age.TotalMinutes} min ago" : "less than a minute ago";

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if (await sessions.FindAsync(HttpContext, HttpContext.RequestAborted) is not { } found)
        {
            context.Result = new PageResultOf(new SeeOther($"/account/sign-in{QueryString.Create("returnUrl", DeviceRoutes.Page)}"));
            return;
        }
        SignedIn = found;
        await next();
    }

    public void OnGet()
    {
    }

    public async Task<IActionResult> OnPostAsync(string? code, CancellationToken ct)
    {
        switch (await decide.FindAsync(code ?? "", SignedIn, ct))
        {
            case TypedCodeOutcome.Found found:
                (Code, Client) = (found.Code, found.Client);
                break;
            case TypedCodeOutcome.TooManyTries:
                Response.StatusCode = StatusCodes.Status429TooManyRequests;
                Fault = "Too many codes that do not exist. Sign out and in again, or wait an hour.";
                break;
            default:
                Fault = "There is no such code, or it has expired. Look again at the device, or start there once more.";
                break;
        }
        return Page();
    }

    /// <remarks>Whatever is not plainly a yes is a no.</remarks>
    public async Task<IActionResult> OnPostDecideAsync(string? code, string? decision, CancellationToken ct)
    {
        var allow = decision == "allow";
        if (!await decide.DecideAsync(code ?? "", SignedIn, allow, ct)) Fault = "This code is decided already, has expired, or was typed elsewhere since. Start again at the device.";
        else Done = allow ? "Allowed. Go back to the device: it goes on by itself." : "Denied. The device gets nothing.";
        return Page();
    }
}
