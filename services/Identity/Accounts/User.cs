using Microsoft.AspNetCore.Identity;

namespace ZooPlatform.Identity.Accounts;

/// <summary>A person who can sign in. The name and display name are the owner's of the same id.</summary>
internal sealed class User : IdentityUser<Guid>
{
    public bool IsAdministrator { get; set; }

    /// <summary>A guest sees public repositories and those they are a member of, not the instance's internal ones.</summary>
    public bool IsGuest { get; set; }

    /// <summary>A disabled user cannot sign in, and none of their tokens and sessions works.</summary>
    public bool IsDisabled { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
}
