namespace Parceler.Repositories;

/// <summary>A named upstream that Parceler mirrors and delivers.</summary>
/// <param name="Id">Made once. A name may be used again after a deletion, an id never.</param>
/// <param name="Command">The shell command that fills the source folder; empty where Parceler mirrors itself.</param>
/// <param name="SourceFolder">The part of the source that is the repository; empty for all of it.</param>
/// <param name="DelayDays">How many days of 24 h it is held back from upstream.</param>
/// <param name="AllowEmpty">Whether a tree without a file makes a snapshot.</param>
/// <param name="TimeLimit">How long the command may take; null for no limit.</param>
/// <param name="Freeze">Unix seconds of the frozen snapshot.</param>
/// <param name="ReleaseMark">Unix seconds: older snapshots are not served again.</param>
/// <param name="Served">Unix seconds of the snapshot that was served until now.</param>
/// <param name="ServedSince">Since when it is served.</param>
/// <param name="ServedFrozen">Whether it was served because of a freeze.</param>
/// <param name="GraceFrom">What stopped being served until then has neither sessions nor grace: an operator said <c>--now</c>.</param>
internal sealed record Repository(
    string Id,
    RepositoryName Name,
    string Command,
    string SourceFolder,
    int DelayDays,
    bool AllowEmpty,
    TimeSpan? TimeLimit,
    DateTimeOffset CreatedAt,
    long? Freeze = null,
    long? ReleaseMark = null,
    long? Served = null,
    DateTimeOffset? ServedSince = null,
    bool ServedFrozen = false,
    DateTimeOffset? GraceFrom = null
)
{
    /// <summary>What Parceler mirrors itself; null where a command does it.</summary>
    public MirrorSettings? Mirror { get; init; }

    /// <summary>Whether its command writes to <c>source/NAME</c> of the storage disk itself, not to a folder of this machine.</summary>
    public bool SourceOnDisk { get; init; }

    public GateMode Gate { get; init; }

    /// <summary>What its indexes may be signed with; none: signatures are not looked at.</summary>
    public IReadOnlyList<TrustedKeyFile> Trust { get; init; } = [];

    /// <summary>Since when it is frozen; null when it is not.</summary>
    public DateTimeOffset? FrozenSince { get; init; }

    /// <summary>Whether the next snapshot may be older than the last: an operator said so, once.</summary>
    public bool AcceptsRollback { get; init; }

    /// <summary>Where its content comes from, for people.</summary>
    public string Upstream => Mirror?.ToString() ?? Command;

    public Repository Frozen(long snapshot, DateTimeOffset now) => this with { Freeze = snapshot, FrozenSince = now };

    public Repository Unfrozen() => this with { Freeze = null, FrozenSince = null };

    public RepositorySettings Settings => new(Command, SourceFolder, DelayDays, AllowEmpty, TimeLimit) { Mirror = Mirror, Gate = Gate, SourceOnDisk = SourceOnDisk };

    public Repository With(RepositorySettings settings) =>
        this with
        {
            Command = settings.Command,
            SourceFolder = settings.SourceFolder,
            DelayDays = settings.DelayDays,
            AllowEmpty = settings.AllowEmpty,
            TimeLimit = settings.TimeLimit,
            Mirror = settings.Mirror,
            Gate = settings.Gate,
            SourceOnDisk = settings.SourceOnDisk,
        };
}
