using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging;

namespace ZooPlatform.Artifact.Tests.Support;

/// <summary>Lets a request fail when its query takes some rows of many without saying which: EF only warns of it.</summary>
internal sealed class UnorderedQueries : ILoggerProvider, ILogger
{
    private static readonly EventId[] s_refused = [CoreEventId.RowLimitingOperationWithoutOrderByWarning, CoreEventId.FirstWithoutOrderByAndFilterWarning];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (s_refused.Contains(eventId)) throw new InvalidOperationException(formatter(state, exception));
    }

    public void Dispose()
    {
    }
}
