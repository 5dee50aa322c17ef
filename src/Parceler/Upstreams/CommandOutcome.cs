namespace Parceler.Upstreams;

/// <summary>How a sync command ended.</summary>
internal abstract record CommandOutcome
{
    private const int LongestCommand = 200;

    private CommandOutcome() { }

    /// <summary>A message for the operator: the command, how it ended, what it said last.</summary>
    public string Describe(string command)
    {
        var shown = command.Length > LongestCommand ? string.Concat(command.AsSpan(0, LongestCommand), "…") : command;
        var (end, lastLines) = this switch
        {
            Failed failed => ($"failed with status {failed.Status}", failed.LastLines),
            Killed killed => ($"was killed by signal {Signals.NameOf(killed.Signal)}", killed.LastLines),
            TimedOut late => ($"was ended at its time limit of {late.Limit}", late.LastLines),
            _ => ("completed", []),
        };
        return lastLines.Count == 0 ? $"The command `{shown}` {end}." : $"The command `{shown}` {end}. Its last lines:\n{string.Join('\n', lastLines)}";
    }

    internal sealed record Completed : CommandOutcome;

    internal sealed record Failed(int Status, IReadOnlyList<string> LastLines) : CommandOutcome;

    internal sealed record Killed(int Signal, IReadOnlyList<string> LastLines) : CommandOutcome;

    internal sealed record TimedOut(TimeSpan Limit, IReadOnlyList<string> LastLines) : CommandOutcome;
}
