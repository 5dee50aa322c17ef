using System.CommandLine;

namespace Parceler.App.Cli;

/// <summary>One command: its words, an example for its help, and what it does.</summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(CliContext context, string name, string description, string example)
        : base(name, description)
    {
        Context = context;
        Example = example;
        SetAction((parsed, cancellation) => Failures.CatchAsync(context.Error, () => RunAsync(parsed, cancellation)));
    }

    /// <summary>A whole command line that makes sense as it stands.</summary>
    public string Example { get; }

    protected CliContext Context { get; }

    /// <returns>The exit status.</returns>
    protected abstract Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation);
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
