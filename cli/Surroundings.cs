namespace ZooPlatform.Cli;

/// <summary>What a command may touch of the process around it; tests give their own.</summary>
/// <param name="Output">Data: what the command was asked for.</param>
/// <param name="Error">Progress and errors.</param>
/// <param name="Variable">Reads an environment variable; null when it is not set.</param>
internal sealed record Surroundings(TextWriter Output, TextWriter Error, Func<string, string?> Variable, TimeProvider Time)
{
    public bool OutputIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>The variable's value; null when it is not set or empty.</summary>
    public string? Read(string variable) => Variable(variable) is { Length: > 0 } value ? value : null;
}
