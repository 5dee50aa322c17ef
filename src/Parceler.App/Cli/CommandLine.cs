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
            Snapshots(context),
            new Noun("package", "The packages in snapshots", new PackageSearch(context)),
            new Noun("machine", "The machines that Parceler itself keeps a list of", new MachineAdd(context), new MachineRemove(context), new MachineList(context)),
            new Noun("job", "The queue of jobs", new JobList(context), new JobShow(context), new JobRetry(context), new JobCancel(context)),
            new Noun("token", "Tokens of programs that use the API", new TokenCreate(context), new TokenList(context), new TokenRevoke(context)),
            new Noun("operator", "People who sign in with a password", new OperatorAdd(context), new OperatorList(context), new OperatorPassword(context), new OperatorRemove(context)),
            new Noun("audit", "Who changed what", new AuditList(context)),
            new Down(context),
            new Up(context),
            new Verify(context),
            new Collect(context),
            new Recover(context),
            new Noun("database", "The database: an index of the storage, and what only it knows", new DatabaseCopy(context)),
            new Noun("import", "Takes over from the program that Parceler replaces", new ImportLaravel(context)),
            new Noun("config", "The configuration", new ConfigCheck(context)),
            new Noun("key", "The key of the service", new KeyGenerate(context)),
        };
        AddRoles(root, context);
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
        new(
            "repository",
            "Named upstreams that Parceler mirrors and delivers",
            new RepositoryCreate(context),
            new RepositoryList(context),
            new RepositoryShow(context),
            new RepositoryPreview(context),
            new RepositoryEdit(context),
            new RepositorySync(context),
            new RepositoryRelease(context),
            new RepositoryFreeze(context),
            new RepositoryUnfreeze(context),
            new RepositoryListFiles(context),
            new SnapshotList(context, "repository", "snapshots"),
            new RepositoryDelete(context)
        )
        {
            new Noun("trust", "The keys that the package indexes of a repository may be signed with", new TrustAdd(context), new TrustRemove(context), new TrustList(context)),
        };

    private static Noun Snapshots(CliContext context) =>
        new(
            "snapshot",
            "Immutable states of repositories",
            new SnapshotList(context, "snapshot", "list"),
            new SnapshotDiff(context),
            new SnapshotDelete(context)
        );

    private static void AddRoles(RootCommand root, CliContext context)
    {
        root.Add(new RunRole(context, Role.Serve, "Runs the whole service in one process: web, worker and scheduler", "--urls http://0.0.0.0:8080"));
        root.Add(new RunRole(context, Role.Web, "Runs the part of the service that answers HTTP", "--urls http://0.0.0.0:8080"));
        root.Add(new RunRole(context, Role.Worker, "Runs the part of the service that runs jobs", ""));
        root.Add(new RunRole(context, Role.Scheduler, "Runs the part of the service that asks for the daily syncs", ""));
    }

    private static int Refuse(ParseResult parsed, CliContext context)
    {
        var command = parsed.CommandResult.Command;
        var words = string.Join(' ', Path(command));
        if (command.Subcommands.Count > 0)
        {
            context.Note(parsed.UnmatchedTokens is [var unknown, ..] ? $"There is no command '{words} {unknown}'" : $"'{words}' needs a command");
            context.Note($"Commands: {string.Join(", ", command.Subcommands.Select(c => c.Name))}");
        }
        else
        {
            parsed.Errors.ToList().ForEach(error => context.Note(error.Message));
        }

        context.Note($"See: {words} --help");
        return ExitCodes.Usage;
    }

    private static IEnumerable<string> Path(Command command) =>
        command is RootCommand ? ["parceler"] : [.. command.Parents.OfType<Command>().Take(1).SelectMany(Path), command.Name];
}
