namespace Parceler.Database;

/// <summary>Hears of changes that any process announced. What it misses is found by looking, as often as it asks for.</summary>
internal abstract class ChangeWatch : IAsyncDisposable
{
    /// <summary>How long after the last look the next one is due when nothing was heard.</summary>
    public abstract TimeSpan LookEvery { get; }

    public abstract ValueTask DisposeAsync();
}
