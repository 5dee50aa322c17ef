using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Parceler.App.Cli;

/// <summary>The usual help, with an example at its end.</summary>
internal sealed class ExampleHelp(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true; // whoever asks for help need not have got the rest right

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        if (ExampleOf(parseResult.CommandResult.Command) is { } example)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Example:");
            output.WriteLine($"  {example}");
        }

        return ExitCodes.Done;
    }

    // A noun shows its first verb's.
    private static string? ExampleOf(Command command) =>
        command is CliCommand { Example: var example } ? example : command.Subcommands.Select(ExampleOf).FirstOrDefault(found => found is not null);
}
