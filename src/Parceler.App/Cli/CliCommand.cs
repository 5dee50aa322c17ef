using System.CommandLine;
using Parceler.Audit;

namespace Parceler.App.Cli;

/// <summary>One command: its words, an example for its help, and what it does.</summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(CliContext context, string name, string description, string example)
        : base(name, description)
    {
        Context = context;
        Example = example;
        SetAction((parsed, cancellation) => Failures.CatchAsync(context.Error, () => RunForUserAsync(parsed, cancellation)));
    }

    /// <summary>A whole command line that makes sense as it stands.</summary>
    public string Example { get; }

    protected CliContext Context { get; }

    /// <summary>Whether its changes are those of the user who runs it.</summary>
    protected virtual bool IsForUser => true;

    /// <returns>The exit status.</returns>
    protected abstract Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation);

    private Task<int> RunForUserAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (IsForUser)
        {
            new AuditedAction(new($"command line ({Environment.UserName})", Address: null), string.Join('.', Words(this)), Context.Clock).Begin();
        }

        return RunAsync(parsed, cancellation);
    }

    private static IEnumerable<string> Words(Command command) =>
        command is RootCommand ? [] : [.. command.Parents.OfType<Command>().Take(1).SelectMany(Words), command.Name];
}

/// <summary>What commands work on; it does nothing itself.</summary>
internal sealed class Noun : Command
{
    public Noun(string name, string description, params CliCommand[] verbs)
        : base(name, description)
    {
        foreach (var verb in verbs)
        {
            Add(verb);
        }
    }
}
