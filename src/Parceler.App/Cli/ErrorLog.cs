using Microsoft.Extensions.Logging;

namespace Parceler.App.Cli;

/// <summary>What the engine warns of while a command runs: a line each, beside the results.</summary>
internal sealed class ErrorLog(TextWriter error) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            var level = logLevel == LogLevel.Warning ? "warning" : "error";
            error.WriteLine($"{level}: {formatter(state, exception)}{(exception is null ? "" : $": {exception.Message}")}");
        }
    }

    public void Dispose()
    {
        // the writer is the caller's
    }
}
