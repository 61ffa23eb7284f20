using System.Text.RegularExpressions;
using ZooPlatform.Contracts;

namespace ZooPlatform.Identity.Organisations;

/// <summary>A program that acts for one organisation. It holds tokens, and is an OAuth client whose id is its own; it cannot sign in,
/// manages nobody, and dies with the organisation.</summary>
internal sealed partial class ServiceAccount
{
    /// <summary>No <c>admin</c>: organisations, members and tokens are people's business.</summary>
    public static IReadOnlyList<string> Scopes { get; } = [Contracts.Scopes.Read, Contracts.Scopes.Write, Contracts.Scopes.Infer];

    public required Guid Id { get; init; }
    public required Guid OrganisationId { get; init; }
    public required string Name { get; init; }
    public required string FoldedName { get; init; }

    /// <summary>At most maintainer.</summary>
    public required Role Role { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }

    public static bool IsName(string text) => Names().IsMatch(text);

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_])?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
