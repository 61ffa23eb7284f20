using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.EntityFrameworkCore;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;
using ZooPlatform.Identity.Accounts;
using ZooPlatform.Identity.OAuth;
using ZooPlatform.Identity.Tokens;

namespace ZooPlatform.Identity.Pages;

/// <summary>One's own account: organisations, personal tokens, applications, password. For signed-in people only.</summary>
internal sealed class AccountModel(
    IdentityDb db, Sessions sessions, SetPassword setPassword, MakeToken makeToken, RevokeToken revokeToken, GrantTokens grants,
    TimeProvider time) : PageModel
{
    public SignedInUser SignedIn { get; private set; } = null!;   // set before any handler runs
    public IReadOnlyList<MembershipView> Organisations { get; private set; } = [];
    public IReadOnlyList<GrantedView> Applications { get; private set; } = [];
    public IReadOnlyList<ApiToken> Tokens { get; private set; } = [];
    private TokenHolder Holder => TokenHolder.User(SignedIn.User.Id);
    private string Actor => SignedIn.User.Id.ToString();
    public string? NewToken { get; private set; }
    public string? TokenFault { get; private set; }
    public string? PasswordFault { get; private set; }

    public override async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        if (await sessions.FindAsync(HttpContext, HttpContext.RequestAborted) is not { } found)
        {
            context.Result = new PageResultOf(new SeeOther("/account/sign-in?returnUrl=%2Faccount"));
            return;
        }
        SignedIn = found;
        await next();
    }

    public Task OnGetAsync(CancellationToken ct) => LoadAsync(ct);

    public async Task<IActionResult> OnPostTokenAsync(string? name, string[] scopes, CancellationToken ct)
    {
        if (!Label.IsValid(name ?? "")) TokenFault = "Give the token a name, so that you know later what it is for.";
        else if (scopes.Length == 0 || scopes.Except(Scopes.OfUsers).Any()) TokenFault = "Choose at least one scope.";
        else NewToken = (await makeToken.RunAsync(Holder, Actor, name!, scopes, ApiToken.DefaultLife, ct)).Token;
        await LoadAsync(ct);
        return Page();
    }

    public async Task<IActionResult> OnPostRevokeAsync(Guid token, CancellationToken ct)
    {
        await revokeToken.RunAsync(Holder, Actor, token, ct);
        return new PageResultOf(new SeeOther("/account"));
    }

    public async Task<IActionResult> OnPostForgetAsync(Guid grant, CancellationToken ct)
    {
        await grants.RevokeOfUserAsync(SignedIn.User.Id, grant, ct);
        return new PageResultOf(new SeeOther("/account"));
    }

    public async Task<IActionResult> OnPostPasswordAsync(string? present, string? password, CancellationToken ct)
    {
        PasswordFault = await setPassword.RunAsync(SignedIn.User.Id, present, password ?? "", ct);
        if (PasswordFault is null)
        {
            await sessions.OpenAsync(HttpContext, SignedIn.User.Id, "pwd", ct);
            return new PageResultOf(new SeeOther("/account"));
        }
        await LoadAsync(ct);
        return Page();
    }

    private async Task LoadAsync(CancellationToken ct)
    {
        var id = SignedIn.User.Id;
        Organisations = await db.Memberships.Where(m => m.UserId == id).Join(db.Owners, m => m.OrganisationId, o => o.Id, (m, o) => new { m.Role, Organisation = o })
            .OrderBy(row => row.Organisation.FoldedName)
            .Select(row => new MembershipView(row.Organisation.Id, row.Organisation.Name, row.Role)).ToListAsync(ct);
        Applications = await GrantRoutes.InForce(db, id, time.GetUtcNow(), Guid.AllBitsSet).Take(100).ToListAsync(ct);
        Tokens = await db.ApiTokens.AsNoTracking().InForce(time.GetUtcNow()).Where(t => t.UserId == id).OrderBy(t => t.Id).ToListAsync(ct);
    }
}
