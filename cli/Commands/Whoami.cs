using System.CommandLine;

namespace ZooPlatform.Cli.Commands;

/// <summary><c>zoo whoami</c></summary>
internal static class Whoami
{
    public static Command Create(Surroundings surroundings) =>
        new Command("whoami", "Show as whom commands run, and where").Does(surroundings, RunAsync);

    private static async Task RunAsync(Invocation invocation, CancellationToken ct)
    {
        using var zoo = invocation.Connect();
        var url = zoo.Connection.Url.GetLeftPart(UriPartial.Authority);
        if (zoo.Connection.Token is null)
        {
            throw new Refusal($"you are not signed in to {url}", $"./zoo login --url {url}");
        }
        var me = await zoo.Users.MeAsync(ct);
        invocation.Answer(me, output =>
        {
            output.WriteLine($"{me.Name} at {url}{(me.IsAdministrator ? ", administrator of the zoo" : "")}");
            Show.Line(output, "token from", zoo.Connection.From);
            Show.Line(output, "may", string.Join(", ", me.Scopes));
            foreach (var membership in me.Organisations)
            {
                Show.Line(output, membership.Role.ToString().ToLowerInvariant(), $"of {membership.Name}");
            }
        });
    }
}
