using System.CommandLine;
using System.Text.Json;
using ZooPlatform.Cli.Clients;
using ZooPlatform.Cli.Credentials;
using ZooPlatform.Cli.Platforms;
using ZooPlatform.Cli.Terminals;
using ZooPlatform.Contracts;

namespace ZooPlatform.Cli.Commands;

/// <summary>One call of one command: what was asked, where to, and how to answer.</summary>
internal sealed class Invocation(Surroundings surroundings, ParseResult parsed)
{
    // Data is read by people and programs alike: what needs no escaping in JSON is not escaped.
    private static readonly JsonSerializerOptions Indented = new(ZooJson.Options)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public Surroundings Surroundings => surroundings;

    public bool Json => parsed.GetValue(CommonOptions.Json);

    public string? Url => parsed.GetValue(CommonOptions.Url);

    public string? Token => parsed.GetValue(CommonOptions.Token);

    public DataFolder Data => DataFolder.Find(surroundings, parsed.GetValue(CommonOptions.Data));

    /// <summary>What <c>--include</c> and <c>--exclude</c> mean.</summary>
    public Transfers.Globs Globs => new(parsed.GetValue(CommonOptions.Include) ?? [], parsed.GetValue(CommonOptions.Exclude) ?? []);

    public LoginStore Logins => LoginStore.Of(surroundings);

    public T Value<T>(Option<T> option) => parsed.GetValue(option)!;

    public T Value<T>(Argument<T> argument) => parsed.GetValue(argument)!;

    /// <summary>The zoo this call goes to, with the credential found for it.</summary>
    public ZooClient Connect()
    {
        var dataGiven = parsed.GetValue(CommonOptions.Data) is not null;
        var connection = Connection.Find(surroundings, Url, Token, Logins, Data, dataGiven);
        return new ZooClient(connection, surroundings.Time);
    }

    /// <summary>Answers with <paramref name="value"/>: as JSON when asked to, else as <paramref name="text"/> writes it.</summary>
    public void Answer<T>(T value, Action<TextWriter> text)
    {
        if (Json)
        {
            surroundings.Output.WriteLine(JsonSerializer.Serialize(value, Indented));
        }
        else
        {
            text(surroundings.Output);
        }
    }

    /// <summary>Answers with rows under headings.</summary>
    public void AnswerTable<T>(T value, IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows, string whenEmpty) =>
        Answer(value, output => Table.Write(output, headings, rows, whenEmpty));

    /// <summary>Tells the person what goes on; never data.</summary>
    public void Say(string line) => surroundings.Error.WriteLine(line);
}

internal static class CommandExtensions
{
    /// <summary>What the command does; it is done when <paramref name="run"/> returns.</summary>
    public static Command Does(this Command command, Surroundings surroundings, Func<Invocation, CancellationToken, Task> run) =>
        command.Does(surroundings, async (invocation, ct) =>
        {
            await run(invocation, ct);
            return ExitCodes.Done;
        });

    public static Command Does(this Command command, Surroundings surroundings, Func<Invocation, CancellationToken, Task<int>> run)
    {
        command.SetAction((parsed, ct) => run(new Invocation(surroundings, parsed), ct));
        return command;
    }
}
