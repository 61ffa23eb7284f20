using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.OAuth;
using ZooPlatform.Identity.Organisations;
using ZooPlatform.Identity.Owners;

namespace ZooPlatform.Identity.Pages;

internal sealed class InvitationModel(AcceptInvitation accept, Sessions sessions) : PageModel
{
    [BindProperty(SupportsGet = true)]
    public string? Code { get; set; }

    [BindProperty]
    public string? Name { get; set; }

    [BindProperty]
    public string? Password { get; set; }

    public OpenInvitation? Open { get; private set; }
    public SignedInUser? SignedIn { get; private set; }
    public string? Fault { get; private set; }

    public string SignInFirst => $"/account/sign-in{QueryString.Create("returnUrl", $"/account/invitation{QueryString.Create("code", Code ?? "")}")}";

    public async Task OnGetAsync(CancellationToken ct)
    {
        Open = await accept.FindAsync(Code ?? "", ct);
        SignedIn = await sessions.FindAsync(HttpContext, ct);
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct) =>
        OwnerName.TryParse(Name, out var name)
            ? await FinishAsync(await accept.ByNewUserAsync(Code ?? "", name, Password ?? "", ct), ct)
            : await AgainAsync($"'{Name}' cannot be a name. A name is {OwnerName.Rule}.", ct);

    public async Task<IActionResult> OnPostJoinAsync(CancellationToken ct) =>
        await sessions.FindAsync(HttpContext, ct) is { } signedIn
            ? await FinishAsync(await accept.ByUserAsync(Code ?? "", signedIn.User.Id, ct), ct)
            : new PageResultOf(new SeeOther(SignInFirst));

    private async Task<IActionResult> FinishAsync(AcceptOutcome outcome, CancellationToken ct)
    {
        switch (outcome)
        {
            case AcceptOutcome.Accepted { UserId: var userId }:
                if ((await sessions.FindAsync(HttpContext, ct))?.User.Id != userId) await sessions.OpenAsync(HttpContext, userId, "pwd", ct);
                return new PageResultOf(new SeeOther("/account"));
            case AcceptOutcome.NameTaken:
                return await AgainAsync($"The name '{Name}' is taken. Choose another.", ct);
            case AcceptOutcome.PasswordWeak { Why: var why }:
                return await AgainAsync(why, ct);
            case AcceptOutcome.TooManyMemberships:
                return await AgainAsync($"You belong to {Memberships.MaxOfOneUser} organisations already. Leave one first.", ct);
            default:
                return Page();
        }
    }

    private async Task<IActionResult> AgainAsync(string fault, CancellationToken ct)
    {
        Fault = fault;
        await OnGetAsync(ct);
        return Page();
    }
}
