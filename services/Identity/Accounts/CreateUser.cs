using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ZooPlatform.Contracts;
using ZooPlatform.Identity.Owners;
using ZooPlatform.ServiceDefaults.Feeds;

namespace ZooPlatform.Identity.Accounts;

internal abstract record CreateUserOutcome
{
    public sealed record Created(User User) : CreateUserOutcome;
    public sealed record NameTaken : CreateUserOutcome;
    public sealed record PasswordWeak(string Why) : CreateUserOutcome;
}

/// <summary>Makes a user and their name as an owner. The caller has begun a transaction and commits it.</summary>
internal sealed class CreateUser(IdentityDb db, UserManager<User> users, TimeProvider time)
{
    /// <param name="password">Null: they can sign in by a one-time link only, until they set one.</param>
    public async Task<CreateUserOutcome> RunAsync(OwnerName name, string? email, string? password, bool isAdministrator, CancellationToken ct)
    {
        if (password is not null && PasswordRule.Fault(password, name.Value) is { } fault) return new CreateUserOutcome.PasswordWeak(fault);
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var normalizedEmail = users.NormalizeEmail(email);
        // An address is a label here: the second user with the same one signs in by name.
        var emailTaken = email is not null && await db.Users.AnyAsync(u => u.NormalizedEmail == normalizedEmail, ct);
        var user = new User
        {
            Id = id, UserName = name.Value, Email = emailTaken ? null : email, IsAdministrator = isAdministrator, CreatedAt = now,
        };
        db.Owners.Add(Owner.Of(id, OwnerKind.User, name, displayName: null, now));
        try
        {
            var result = password is null ? await users.CreateAsync(user) : await users.CreateAsync(user, password);
            if (!result.Succeeded) return Refused(result);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The unique index decides who wins a race; a check before the write cannot.
            return new CreateUserOutcome.NameTaken();
        }
        await db.Database.TouchAsync(id, OwnerChanges.KindOf(OwnerKind.User), deleted: false, ct);
        return new CreateUserOutcome.Created(user);
    }

    private static CreateUserOutcome Refused(IdentityResult result) =>
        result.Errors.FirstOrDefault(error => error.Code == "password.weak") is { } weak
            ? new CreateUserOutcome.PasswordWeak(weak.Description)
            : new CreateUserOutcome.NameTaken();
}
