using Microsoft.AspNetCore.Http.HttpResults;
using ZooPlatform.Contracts;
using ZooPlatform.Identity.Organisations;
using ZooPlatform.Identity.Owners;
using ZooPlatform.ServiceDefaults.Problems;

namespace ZooPlatform.Identity;

/// <summary>Every refusal of <c>/api/v1</c> and <c>/internal</c> here. Those of <c>/connect</c> are <see cref="OAuth.OAuthError"/>.</summary>
internal static class IdentityProblems
{
    public static ProblemHttpResult CallerUnknown => Problem.Of(404, "caller.unknown",
        "The subject is unknown or disabled, or the token, session or grant they came with has ended.");

    public static ProblemHttpResult CredentialRefused => Problem.Of(401, "credential.refused",
        "The token, session or password is unknown, expired or revoked. Sign in again or make a new token.");

    public static ProblemHttpResult ClientRefused => Problem.Of(401, "client.refused", "The client id or its secret is wrong.");

    public static ProblemHttpResult ScopeNotForClient(string client, string scope) => Problem.Of(403, "client.scope",
        $"The service '{client}' may not have the scope '{scope}'.");

    public static ProblemHttpResult UserUnknown(string name) => Problem.Of(404, "user.unknown", $"There is no user '{name}'.");

    public static ProblemHttpResult OrganisationUnknown(string name) => Problem.Of(404, "organisation.unknown", $"There is no organisation '{name}'.");

    public static ProblemHttpResult OwnerUnknown(string idOrName) => Problem.Of(404, "owner.unknown", $"There is no user or organisation '{idOrName}'.");

    public static ProblemHttpResult NameInvalid(string name) => Problem.Of(400, "name.invalid", $"'{name}' cannot be a name. A name is {OwnerName.Rule}.");

    public static ProblemHttpResult NameTaken(string name) => Problem.Of(409, "name.taken",
        $"The name '{name}' is taken or was once. Names differ by more than upper and lower case; choose another.");

    public static ProblemHttpResult TooManyMemberships => Problem.Of(409, "memberships.too-many",
        $"One user can belong to at most {Memberships.MaxOfOneUser} organisations. Leave one first.");

    public static ProblemHttpResult NotAMember(string organisation) => Problem.Of(403, "organisation.not-a-member",
        $"Only members of '{organisation}' see this. Ask one of its owners for an invitation.");

    public static ProblemHttpResult RoleNeeded(string organisation, Role role) => Problem.Of(403, "organisation.role-needed",
        $"This needs the role '{role.ToString().ToLowerInvariant()}' in '{organisation}'. Ask one of its owners.");

    public static ProblemHttpResult MemberUnknown(string organisation, string user) => Problem.Of(404, "member.unknown",
        $"'{user}' is no member of '{organisation}'. Invite them: POST /api/v1/organisations/{organisation}/invitations.");

    public static ProblemHttpResult LastOwner(string organisation) => Problem.Of(409, "organisation.last-owner",
        $"'{organisation}' would be left without an owner. Make somebody else an owner first.");

    public static ProblemHttpResult InvitationUnknown(Guid id) => Problem.Of(404, "invitation.unknown", $"There is no open invitation '{id}'.");

    public static ProblemHttpResult LabelInvalid => Problem.Of(400, "label.invalid",
        "A name, title or e-mail address here has 1 to 100 printable characters.");

    public static ProblemHttpResult ScopeUnknown(string scope, IEnumerable<string> known) => Problem.Of(400, "scope.unknown",
        $"There is no scope '{scope}' to be had here. The scopes are {string.Join(", ", known)}.");

    public static ProblemHttpResult ScopeTooWide(string scope) => Problem.Of(403, "scope.too-wide",
        $"Your own token lacks the scope '{scope}', so it cannot make one that has it. Use a token or session with it.");

    public static ProblemHttpResult LifeInvalid(int days) => Problem.Of(400, "token.life-invalid",
        $"A token lives 1 to {Tokens.ApiToken.MaxDays} days, not {days}.");

    public static ProblemHttpResult TokenUnknown(Guid id) => Problem.Of(404, "token.unknown", $"There is no such token '{id}' in force.");

    public static ProblemHttpResult ServiceAccountNameInvalid(string name) => Problem.Of(400, "service-account.name-invalid",
        $"'{name}' cannot be a service account's name. A name is 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit, the last neither . nor -.");

    public static ProblemHttpResult ServiceAccountRoleInvalid => Problem.Of(400, "service-account.role-invalid",
        "A service account is reader, contributor or maintainer: an organisation's owners are people.");

    public static ProblemHttpResult ServiceAccountNameTaken(string organisation, string name) => Problem.Of(409, "service-account.name-taken",
        $"'{organisation}' has a service account '{name}'. Choose another name, or delete that one.");

    public static ProblemHttpResult ServiceAccountUnknown(string organisation, string name) => Problem.Of(404, "service-account.unknown",
        $"'{organisation}' has no service account '{name}'.");

    public static ProblemHttpResult SecretsFull => Problem.Of(409, "client.secrets-full",
        $"A client has at most {OAuth.ClientSecret.MaxOfOneClient} secrets. Remove the older one first.");

    public static ProblemHttpResult SecretUnknown(Guid id) => Problem.Of(404, "client.secret-unknown", $"The client has no secret '{id}'.");

    public static ProblemHttpResult NotYourself => Problem.Of(409, "user.yourself",
        "You cannot disable yourself or make yourself a guest: nobody might be left to undo it. Ask another administrator.");

    public static ProblemHttpResult OrganisationInUse(string organisation) => Problem.Of(409, "organisation.in-use",
        $"'{organisation}' still owns repositories. Delete them first: GET /api/v1/repositories?owner={organisation} lists them.");

    public static ProblemHttpResult RedirectUriInvalid(string uri) => Problem.Of(400, "client.redirect-uri-invalid",
        $"'{uri}' cannot be a redirect URI. It is absolute, has no fragment, no user and no wildcard, and is https, or http on 127.0.0.1 or [::1].");

    public static ProblemHttpResult OriginInvalid(string origin) => Problem.Of(400, "client.origin-invalid",
        $"'{origin}' is no origin. Write it as browsers do: https://app.example.org, nothing after it; http on this machine only.");

    public static ProblemHttpResult ClientUnknown(string id) => Problem.Of(404, "client.unknown", $"There is no client '{id}'.");
}
