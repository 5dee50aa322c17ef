using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Parceler.App.Configuration;
using Spectre.Console;

namespace Parceler.App.Cli;

/// <summary>What a command works with: where it reads and writes, and the services on the configured database and storage.</summary>
internal sealed class CliContext
{
    public required TextWriter Out { get; init; }
    public required TextWriter Error { get; init; }
    public TextReader In { get; init; } = TextReader.Null;
    public bool OutIsTerminal { get; init; }
    public bool ErrorIsTerminal { get; init; }
    public bool InIsTerminal { get; init; }
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Settings that go before all others, by their names.</summary>
    public IReadOnlyDictionary<string, string?> Overrides { get; init; } = new Dictionary<string, string?>();

    /// <summary>Runs a part of the service until it ends: role, addresses to listen on, whether jobs run during maintenance.</summary>
    public required Func<Role, string?, bool, CancellationToken, Task<int>> RunRole { get; init; }

    /// <summary>Sets memory aside, in bytes, so that a command which lives shortly collects nothing before it has used that much.</summary>
    public Action<long> Reserve { get; init; } = _ => { };

    /// <summary>Whether somebody is there to answer a question.</summary>
    public bool CanAsk => InIsTerminal && OutIsTerminal;

    public IAnsiConsole Console => field ??= ConsoleOn(Out, OutIsTerminal, CanAsk);

    public IAnsiConsole ErrorConsole => field ??= ConsoleOn(Error, ErrorIsTerminal, CanAsk);

    public static CliContext OfConsole(Func<Role, string?, bool, CancellationToken, Task<int>> runRole) =>
        new()
        {
            Out = System.Console.IsOutputRedirected
                ? new StreamWriter(System.Console.OpenStandardOutput(), bufferSize: 1 << 16) // listings can be long
                : System.Console.Out,
            Error = System.Console.Error,
            In = System.Console.In,
            OutIsTerminal = !System.Console.IsOutputRedirected,
            ErrorIsTerminal = !System.Console.IsErrorRedirected,
            InIsTerminal = !System.Console.IsInputRedirected,
            RunRole = runRole,
            Reserve = room => GC.TryStartNoGCRegion(room),
        };

    /// <exception cref="SettingsException"/>
    public ParcelerSettings ReadSettings(bool opensFiles = false) => new SettingsReader(ConfigurationSources.Read(Overrides), opensFiles).Read();

    /// <summary>The services on a database and a storage that are fit for use.</summary>
    public async Task<ServiceProvider> OpenAsync(CancellationToken cancellation)
    {
        var services = Compose();
        try
        {
            await services.PrepareAsync(cancellation);
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    /// <summary>The services, with nothing looked at yet.</summary>
    public ServiceProvider Compose() =>
        new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(new ErrorLog(Error)))
            .AddParceler(ReadSettings(), Clock)
            .BuildServiceProvider();

    /// <summary>Says something at once, also when a long wait follows.</summary>
    public void Say(string line)
    {
        Out.WriteLine(line);
        Out.Flush();
    }

    /// <summary>Says something that is no result: a hint, a warning.</summary>
    public void Note(string line) => Error.WriteLine(line);

    /// <summary>What is wrong, beside the results, so that JSON stays JSON.</summary>
    public void Warn(string what) => Note($"warning: {what}");

    private static IAnsiConsole ConsoleOn(TextWriter writer, bool isTerminal, bool canAsk) =>
        AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
                Interactive = canAsk ? InteractionSupport.Yes : InteractionSupport.No,
            }
        );
}
