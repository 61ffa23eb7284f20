using System.CommandLine;
using ZooPlatform.Cli.Commands;

namespace ZooPlatform.Cli;

/// <summary>The whole command line: every command by name, errors as <c>error:</c> and <c>try:</c> lines, exit codes.</summary>
internal sealed class CommandLine(Surroundings surroundings)
{
    /// <returns>0 done, 1 refused, 2 wrong usage, 130 interrupted.</returns>
    public async Task<int> RunAsync(string[] args, CancellationToken ct)
    {
        var parsed = Commands().Parse(args);
        if (parsed.Errors.Count > 0)
        {
            var message = parsed.Errors[0].Message.ReplaceLineEndings(" ").TrimEnd('.');
            Tell(new WrongUsage(message, $"{PathOf(parsed.CommandResult)} --help"));
            return ExitCodes.WrongUsage;
        }

        try
        {
            var configuration = new InvocationConfiguration
            {
                Output = surroundings.Output,
                Error = surroundings.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, ct);
        }
        catch (Refusal refusal)
        {
            Tell(refusal);
            return refusal.ExitCode;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            surroundings.Error.WriteLine("stopped");
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Tell(new Refusal(e.Message));
            return ExitCodes.Refused;
        }
    }

    private RootCommand Commands() =>
        new("The ZooPlatform command line: run a zoo, put models in, find, check, measure, serve and get them.")
        {
            CommonOptions.Json, CommonOptions.Url, CommonOptions.Token, CommonOptions.Data,
            Up.Create(surroundings), Down.Create(surroundings), Status.Create(surroundings),
            Login.Create(surroundings), Logout.Create(surroundings), Whoami.Create(surroundings),
            Org.Create(surroundings), User.Create(surroundings), Token.Create(surroundings), ServiceAccount.Create(surroundings),
            Repo.Create(surroundings), Push.Create(surroundings), Pull.Create(surroundings),
            Ls.Create(surroundings), Log.Create(surroundings),
            Tag.Create(surroundings), Alias.Create(surroundings), Diff.Create(surroundings), Rm.Create(surroundings),
            Du.Create(surroundings), Gc.Create(surroundings),
            Search.Create(surroundings), Reindex.Create(surroundings), Show.Create(surroundings),
            Bench.Create(surroundings), Infer.Create(surroundings),
        };

    private void Tell(Refusal refusal)
    {
        surroundings.Error.WriteLine($"error: {refusal.Message}");
        if (refusal.Advice is not null)
        {
            surroundings.Error.WriteLine($"try:   {refusal.Advice}");
        }
    }

    private static string PathOf(System.CommandLine.Parsing.SymbolResult? result)
    {
        var names = new Stack<string>();
        for (; result is System.CommandLine.Parsing.CommandResult command; result = result.Parent)
        {
            names.Push(command.Command is RootCommand ? "zoo" : command.Command.Name);
        }
        return string.Join(' ', names);
    }
}
