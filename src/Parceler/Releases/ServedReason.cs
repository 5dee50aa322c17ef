namespace Parceler.Releases;

/// <summary>Why a snapshot is the served one. Complete; the words for people are in <see cref="ServedChoice.Text"/>.</summary>
internal enum ServedReason
{
    /// <summary>There is nothing to serve.</summary>
    NoSnapshot,

    /// <summary>An operator froze the repository at it.</summary>
    Frozen,

    /// <summary>No delay: always the newest.</summary>
    Newest,

    /// <summary>The oldest that is not older than the delay: the ordinary case.</summary>
    OldestInWindow,

    /// <summary>All are older than the delay and nothing was served before: the newest there is.</summary>
    NewestOfOld,

    /// <summary>All are older than the delay: the one served until now stays.</summary>
    Kept,

    /// <summary>Syncs came back after a gap: the one served until now stays until the first new one is as old as the delay.</summary>
    WaitsAfterGap,
}
