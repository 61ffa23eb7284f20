namespace ZooPlatform.Cli;

/// <summary>The command cannot do what was asked: exit code 1.</summary>
/// <param name="message">What happened, to what.</param>
/// <param name="advice">What to do next.</param>
internal class Refusal(string message, string? advice = null, Exception? cause = null) : Exception(message, cause)
{
    public string? Advice { get; } = advice;

    public virtual int ExitCode => ExitCodes.Refused;
}

/// <summary>The command was called wrongly: exit code 2.</summary>
internal sealed class WrongUsage(string message, string? advice = null) : Refusal(message, advice)
{
    public override int ExitCode => ExitCodes.WrongUsage;
}

internal static class ExitCodes
{
    public const int Done = 0;
    public const int Refused = 1;
    public const int WrongUsage = 2;

    /// <summary>Stopped by Ctrl+C, as shells count it.</summary>
    public const int Interrupted = 130;
}
