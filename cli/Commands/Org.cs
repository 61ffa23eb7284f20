using System.CommandLine;
using ZooPlatform.Cli.Terminals;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo org create | list | delete</c></summary>
internal static class Org
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The organisation" };
    private static readonly Option<string?> DisplayName = new("--display-name") { Description = "Its name as people write it" };

    public static Command Create(Surroundings surroundings) =>
        new("org", "Make and list organisations")
        {
            new Command("create", "Make an organisation; you become its owner") { Name, DisplayName }.Does(surroundings, CreateAsync),
            new Command("list", "List organisations").Does(surroundings, ListAsync),
            new Command("delete", "End an organisation that owns no repositories; its name stays taken") { Name }.Does(surroundings, DeleteAsync),
        };

    private static async Task CreateAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var made = await zoo.Organisations.CreateAsync(invocation.Value(Name), invocation.Value(DisplayName), ct);
        invocation.Answer(made, output =>
        {
            output.WriteLine($"created {made.Name}; you are its {made.Role?.ToString().ToLowerInvariant() ?? "owner"}");
            output.WriteLine($"next: ./zoo push DIR {made.Name}/MODEL -m \"first\"");
        });
    }

    private static async Task DeleteAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var name = invocation.Value(Name);
        await zoo.Organisations.DeleteAsync(name, ct);
        invocation.Answer(new { Name = name }, output => output.WriteLine($"deleted {name}, its memberships and its service accounts"));
    }

    private static async Task ListAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var organisations = await zoo.Organisations.ListAsync(ct);
        invocation.AnswerTable(
            organisations, ["NAME", "YOUR ROLE", "SINCE", "DISPLAY NAME"],
            organisations.Select(o => new[]
            {
                o.Name, o.Role?.ToString().ToLowerInvariant() ?? "-", Amounts.Day(o.CreatedAt), o.DisplayName ?? "",
            }),
            "no organisations; ./zoo org create NAME makes one");
    }
}
