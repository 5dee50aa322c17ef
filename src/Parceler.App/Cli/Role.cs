namespace Parceler.App.Cli;

/// <summary>What a process of the service does.</summary>
internal enum Role
{
    /// <summary>All of it.</summary>
    Serve,

    /// <summary>Answers HTTP.</summary>
    Web,

    /// <summary>Runs jobs.</summary>
    Worker,

    /// <summary>Asks for the daily syncs.</summary>
    Scheduler,
}
