using System.CommandLine;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo service-account create | list | delete | token | secret</c></summary>
internal static class ServiceAccount
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The service account" };
    private static readonly Option<string> Organisation = new("--org") { Description = "Its organisation", Required = true };
    private static readonly Option<Role> Role = new("--role")
    {
        Description = "reader, contributor or maintainer",
        DefaultValueFactory = _ => Contracts.Role.Reader,
    };
    private static readonly Option<string[]> Scopes = new("--scope")
    {
        Description = "read, write, infer; all three when absent",
        AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<int?> Days = new("--days") { Description = "How long it lives, 1 to 365; 90 when absent" };

    public static Command Create(Surroundings surroundings) =>
        new("service-account", "Programs that act for an organisation")
        {
            new Command("create", "Make a service account") { Name, Organisation, Role }.Does(surroundings, CreateAsync),
            new Command("list", "List an organisation's service accounts") { Organisation }.Does(surroundings, ListAsync),
            new Command("delete", "End a service account and all its tokens") { Name, Organisation }.Does(surroundings, DeleteAsync),
            new Command("token", "Make a token for it; it is shown this once") { Name, Organisation, Scopes, Days }.Does(surroundings, TokenAsync),
            new Command("secret", "Make a client secret for it; it is shown this once") { Name, Organisation }.Does(surroundings, SecretAsync),
        };

    private static async Task CreateAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var organisation = invocation.Value(Organisation);
        var made = await zoo.Organisations.CreateServiceAccountAsync(organisation, new CreateServiceAccount(invocation.Value(Name), invocation.Value(Role)), ct);
        invocation.Answer(made, output =>
        {
            output.WriteLine($"created {made.Organisation}/{made.Name}, {made.Role.ToString().ToLowerInvariant()} of {made.Organisation}");
            output.WriteLine($"next: ./zoo service-account token {made.Name} --org {made.Organisation}");
        });
    }

    private static async Task ListAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var accounts = await zoo.Organisations.ListServiceAccountsAsync(invocation.Value(Organisation), ct);
        invocation.AnswerTable(
            accounts, ["NAME", "ROLE", "SINCE", "SECRETS", "CLIENT ID"],
            accounts.Select(a => new[] { a.Name, a.Role.ToString().ToLowerInvariant(), Amounts.Day(a.CreatedAt), $"{a.Secrets.Count}", a.Id.ToString() }),
            "no service accounts");
    }

    private static async Task DeleteAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var (organisation, name) = (invocation.Value(Organisation), invocation.Value(Name));
        await zoo.Organisations.DeleteServiceAccountAsync(organisation, name, ct);
        invocation.Answer(new { Organisation = organisation, Name = name }, output => output.WriteLine($"deleted {organisation}/{name} and its tokens"));
    }

    private static async Task TokenAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var scopes = invocation.Value(Scopes) is { Length: > 0 } given ? given : null;
        var name = invocation.Value(Name);
        var made = await zoo.Organisations.CreateServiceAccountTokenAsync(
            invocation.Value(Organisation), name, new CreateToken(name, scopes, invocation.Value(Days)), ct);
        invocation.Say($"it is shown this once; it may {string.Join(", ", made.Scopes)} until {made.ExpiresAt:yyyy-MM-dd}");
        invocation.Answer(made, output => output.WriteLine(made.Token));
    }

    private static async Task SecretAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var made = await zoo.Organisations.CreateServiceAccountSecretAsync(invocation.Value(Organisation), invocation.Value(Name), ct);
        invocation.Say("it is shown this once; with the account's id as client id it buys access tokens at /connect/token (client_credentials)");
        invocation.Answer(made, output => output.WriteLine(made.Secret));
    }
}
