namespace ZooPlatform.LocalOrchestrator.Processes;

/// <summary>Everything needed to start one child process, any number of times.</summary>
internal sealed record Launch
{
    /// <summary>The resource's name: prefix of its log lines and name of its log file.</summary>
    public required string Name { get; init; }

    /// <summary>An absolute path, or a command that PATH finds.</summary>
    public required string FileName { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>A folder without which the process is of no use: it is started again, and prepared anew, when that is gone.</summary>
    public string? Keeps { get; init; }

    /// <summary>Added to what the AppHost has itself (see <see cref="InheritedEnvironment"/>).</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Written to the child's standard input, which is then closed. Keeps passwords out of the process list.</summary>
    public string StandardInput { get; init; } = "";

    /// <summary>A system user to become; null: whoever runs the AppHost.</summary>
    public string? RunAs { get; init; }

    /// <summary>Asks the child to end in good order.</summary>
    public Signal StopSignal { get; init; } = Signal.Term;

    /// <summary>What the kernel sends the child when the AppHost is gone.</summary>
    public Signal DeathSignal { get; init; } = Signal.Kill;

    /// <summary>How long after <see cref="StopSignal"/> the child is killed.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Ending with code 0 is success, and the child is not started again.</summary>
    public bool MayFinish { get; init; }
}
