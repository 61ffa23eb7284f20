using Microsoft.AspNetCore.Identity;

namespace ZooPlatform.Identity.Accounts;

/// <summary>A password has 12 to 128 characters, is no well-known one, does not hold the user's name and is not a few
/// characters over and over. No rule asks for digits or signs: length is what counts (NIST SP 800-63B).</summary>
internal sealed class PasswordRule : IPasswordValidator<User>
{
    public const int MinChars = 12;
    public const int MaxChars = 128;

    private static readonly HashSet<string> s_common = ReadCommon();

    public Task<IdentityResult> ValidateAsync(UserManager<User> manager, User user, string? password) => Task.FromResult(
        Fault(password ?? "", user.UserName) is { } fault
            ? IdentityResult.Failed(new IdentityError { Code = "password.weak", Description = fault })
            : IdentityResult.Success);

    /// <summary>What is wrong with it; null: nothing.</summary>
    public static string? Fault(string password, string? userName)
    {
        if (password.Length is < MinChars or > MaxChars) return $"A password has {MinChars} to {MaxChars} characters. Four random words are a good one.";
        var folded = password.ToLowerInvariant();
        if (s_common.Contains(folded)) return "This password is on the lists that everybody tries first. Choose another.";
        if (folded.Distinct().Count() < 5) return "This password repeats a few characters. Choose another.";
        if (userName is { Length: >= 3 } && folded.Contains(userName.ToLowerInvariant(), StringComparison.Ordinal))
            return "This password holds the user name. Choose another.";
        return null;
    }

    private static HashSet<string> ReadCommon()
    {
        using var reader = new StreamReader(typeof(PasswordRule).Assembly.GetManifestResourceStream("CommonPasswords.txt")!);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
    }
}
