using Microsoft.AspNetCore.Identity;
using ZooPlatform.Identity.Audit;

namespace ZooPlatform.Identity.Accounts;

/// <summary>Gives a user a new password; every session and every client's grant of theirs ends.</summary>
internal sealed class SetPassword(IdentityDb db, UserManager<User> users, Sessions sessions, AuditTrail audit)
{
    /// <summary>What is wrong with it; null: it is set.</summary>
    /// <param name="present">The password until now; needed where there is one.</param>
    public async Task<string?> RunAsync(Guid userId, string? present, string password, CancellationToken ct)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        var user = await users.FindByIdAsync(userId.ToString()) ?? throw new InvalidOperationException($"User {userId} is signed in but does not exist.");
        var result = user.PasswordHash is null
            ? await users.AddPasswordAsync(user, password)
            : await users.ChangePasswordAsync(user, present ?? "", password);
        if (!result.Succeeded)
            return result.Errors.FirstOrDefault(error => error.Code == "password.weak")?.Description ?? "The present password is wrong.";
        await sessions.EndAllAsync(userId, ct);
        audit.Add(userId.ToString(), "password.set", userId.ToString());
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        return null;
    }
}
