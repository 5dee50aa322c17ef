namespace Parceler.App.Cli;

/// <summary>The exit statuses that scripts may rely on.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;

    /// <summary>Wrong usage, wrong configuration, a database of another program, or a storage that is not the one of the database.</summary>
    public const int Usage = 2;

    /// <summary>Ended by Ctrl-C.</summary>
    public const int Interrupted = 130;
}
