using System.CommandLine;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts.Identity;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo token create | list | revoke</c></summary>
internal static class Token
{
    private static readonly Argument<string> Name = new("NAME") { Description = "What it is for" };
    private static readonly Argument<string> Which = new("ID") { Description = "The token's id, or its name when only one has it" };
    private static readonly Option<string[]> Scopes = new("--scope")
    {
        Description = "read, write, infer, admin; the zoo's default when absent",
        AllowMultipleArgumentsPerToken = true,
    };
    private static readonly Option<int?> Days = new("--days") { Description = "How long it lives, 1 to 365; 90 when absent" };

    public static Command Create(Surroundings surroundings) =>
        new("token", "Make, list and revoke personal tokens")
        {
            new Command("create", "Make a token; it is shown this once") { Name, Scopes, Days }.Does(surroundings, CreateAsync),
            new Command("list", "List your tokens").Does(surroundings, ListAsync),
            new Command("revoke", "End a token at once") { Which }.Does(surroundings, RevokeAsync),
        };

    private static async Task CreateAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var scopes = invocation.Value(Scopes) is { Length: > 0 } given ? given : null;
        var made = await zoo.Tokens.CreateAsync(new CreateToken(invocation.Value(Name), scopes, invocation.Value(Days)), ct);
        invocation.Say($"it is shown this once; it may {string.Join(", ", made.Scopes)} until {made.ExpiresAt:yyyy-MM-dd}");
        invocation.Answer(made, output => output.WriteLine(made.Token));
    }

    private static async Task ListAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var tokens = await zoo.Tokens.ListAsync(ct);
        invocation.AnswerTable(
            tokens, ["ID", "NAME", "ENDS WITH", "SCOPES", "EXPIRES", "LAST USED"],
            tokens.Select(t => new[]
            {
                t.Id.ToString(), t.Name, t.Hint, string.Join(' ', t.Scopes), Amounts.Day(t.ExpiresAt),
                t.LastUsedAt is { } used ? Amounts.Day(used) : "never",
            }),
            "no tokens");
    }

    private static async Task RevokeAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var which = invocation.Value(Which);
        var named = (await zoo.Tokens.ListAsync(ct)).Where(t => t.Id.ToString() == which || t.Name == which).ToList();
        if (named.Count != 1)
        {
            throw new Refusal(
                named.Count == 0 ? $"you have no token '{which}'" : $"{named.Count} tokens are named '{which}'", "./zoo token list shows the ids");
        }
        await zoo.Tokens.RevokeAsync(named[0].Id, ct);
        invocation.Answer(named[0], output => output.WriteLine($"revoked {named[0].Name} (ends with {named[0].Hint})"));
    }
}
