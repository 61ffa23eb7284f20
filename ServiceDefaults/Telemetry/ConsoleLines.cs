using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace ZooPlatform.ServiceDefaults.Telemetry;

/// <summary>A log for people: <c>warning 2005 Upload ... was refused [Uploads]</c>, one line a record; an exception's stack behind it. Whoever
/// keeps the lines (the orchestrator, journald, a container runtime) says when they came.</summary>
internal sealed class ConsoleLines() : ConsoleFormatter(FormatName)
{
    public const string FormatName = "zoo";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = LogText.Of(logEntry.Formatter(logEntry.State, logEntry.Exception));
        textWriter.Write(JsonLogFile.NameOf(logEntry.LogLevel));
        textWriter.Write(string.Create(CultureInfo.InvariantCulture, $" {logEntry.EventId.Id} {message} [{logEntry.Category[(logEntry.Category.LastIndexOf('.') + 1)..]}]"));
        textWriter.WriteLine();
        if (logEntry.Exception is { } exception)
            foreach (var line in LogText.Of(exception.ToString(), lines: true).Split('\n')) textWriter.WriteLine($"    {line}");
    }
}
