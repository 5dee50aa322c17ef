using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Parceler.App;

/// <summary>A line of the log: when, how grave, what. A stack follows only what nobody expected.</summary>
internal sealed class LogLine(TimeProvider clock) : ConsoleFormatter(FormatName)
{
    public const string FormatName = "parceler";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        textWriter.Write(clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z' ", CultureInfo.InvariantCulture));
        textWriter.Write(Word(logEntry.LogLevel));
        textWriter.WriteLine(logEntry.Formatter(logEntry.State, logEntry.Exception).ReplaceLineEndings(" | "));
        if (logEntry.Exception is { } unexpected)
        {
            textWriter.WriteLine(unexpected.ToString());
        }
    }

    private static string Word(LogLevel level) =>
        level switch
        {
            LogLevel.Critical => "alert ",
            LogLevel.Error => "error ",
            LogLevel.Warning => "warn  ",
            LogLevel.Information => "info  ",
            _ => "debug ",
        };
}
