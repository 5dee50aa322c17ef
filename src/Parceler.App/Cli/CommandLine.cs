using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Parceler.App.Cli;

/// <summary>The command line of Parceler: every noun with its verbs, and how a line of words is run.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line of this process, ended in good order by Ctrl-C or a request to terminate.</summary>
    public static async Task<int> MainAsync(string[] args, Func<Role, string?, bool, CancellationToken, Task<int>> runRole)
    {
        using var interrupt = new Interrupt();
        return await RunAsync(args, CliContext.OfConsole(runRole), interrupt.Cancellation);
    }

    /// <summary>Runs one command line and returns its exit status.</summary>
    public static async Task<int> RunAsync(string[] args, CliContext context, CancellationToken cancellation)
    {
        var parsed = Build(context).Parse(Rewrite(args), new ParserConfiguration { ResponseFileTokenReplacer = null }); // '@' in a command is just that
        parsed.InvocationConfiguration.Output = context.Out;
        parsed.InvocationConfiguration.Error = context.Error;
        parsed.InvocationConfiguration.ProcessTerminationTimeout = null; // the caller knows when to end
        parsed.InvocationConfiguration.EnableDefaultExceptionHandler = false;
        try
        {
            return parsed.Action is ParseErrorAction ? Refuse(parsed, context) : await parsed.InvokeAsync(parsed.InvocationConfiguration, cancellation);
        }
        finally
        {
            await context.Out.FlushAsync(CancellationToken.None);
        }
    }

    public static RootCommand Build(CliContext context)
    {
        var root = new RootCommand("Parceler syncs package repositories, keeps snapshots of them, and serves them to machines.")
        {
            Repositories(context),
        };
        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new ExampleHelp((HelpAction)help.Action!);
        }

        return root;
    }

    /// <summary>Turns the spelling <c>repository:create</c> into <c>repository create</c>.</summary>
    public static string[] Rewrite(string[] args)
    {
        if (args.Length == 0 || args[0].Split(':') is not [var noun, var verb] || noun.Length == 0 || verb.Length == 0)
        {
            return args;
        }

        return [noun, noun == "repository" && verb == "list-files" ? "files" : verb, .. args[1..]];
    }

    private static Noun Repositories(CliContext context) =>
        new("repository", "Adds, syncs, freezes and lists repositories", new RepositoryCreate(context), new RepositoryList(context), new RepositorySync(context));

    private static int Refuse(ParseResult parsed, CliContext context)
    {
        var words = string.Join(' ', Path(parsed.CommandResult.Command));
        foreach (var error in parsed.Errors)
        {
            context.Note(error.Message);
        }

        if (parsed.CommandResult.Command.Subcommands.Count > 0)
        {
            context.Note($"Commands: {string.Join(", ", parsed.CommandResult.Command.Subcommands.Select(c => c.Name))}");
        }

        context.Note($"See: {words} --help");
        return ExitCodes.Usage;
    }

    private static IEnumerable<string> Path(Command command) =>
        command is RootCommand ? ["parceler"] : [.. command.Parents.OfType<Command>().Take(1).SelectMany(Path), command.Name];
}
