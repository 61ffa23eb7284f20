namespace ZooPlatform.Contracts.Identity;

/// <param name="Name">1 to 64 of A-Z a-z 0-9 . _ -; unique in the organisation whatever the case.</param>
/// <param name="Role">Reader, contributor or maintainer.</param>
public sealed record CreateServiceAccount(string Name, Role Role);

/// <summary>A program that acts for one organisation.</summary>
/// <param name="Id">Also its client id at <c>/connect/token</c>, for the grant <c>client_credentials</c>.</param>
public sealed record ServiceAccountView(
    Guid Id, string Organisation, string Name, Role Role, DateTimeOffset CreatedAt, IReadOnlyList<ClientSecretView> Secrets);

/// <param name="Hint">The last four characters, to tell secrets apart.</param>
/// <param name="Secret">The secret itself; only in the answer that creates it.</param>
public sealed record ClientSecretView(Guid Id, string Hint, DateTimeOffset CreatedAt, string? Secret = null);
