namespace Parceler.Delivery;

/// <summary>A repository as machines see it now.</summary>
/// <param name="served">The served snapshot; null while there is none.</param>
/// <param name="earlier">Other servings on which sessions may go on, or whose files have grace: last served first.</param>
internal sealed class ServedRepository(string id, string name, ServedTree? served, IReadOnlyList<ServedTree> earlier)
{
    // The trees behind them, each once: a step to and fro does not make a miss any slower.
    private readonly ServedTree[] _others = [.. earlier.Where(serving => serving.Tree != served?.Tree).DistinctBy(serving => serving.Tree)];

    public string Id => id;

    public string Name => name;

    /// <summary>It goes on from one state of the repository to the next.</summary>
    public Traffic Traffic { get; init; } = new();

    public ServedTree? Served => served;

    public IReadOnlyList<ServedTree> Earlier => earlier;

    public IEnumerable<ServedTree> Servings => served is null ? earlier : earlier.Prepend(served);

    /// <summary>The file at a path of the served snapshot.</summary>
    public DeliveredFile? Find(ReadOnlySpan<char> path) => served?.Find(path);

    /// <summary>The file in what is served or was served not long ago, the last served first.</summary>
    public DeliveredFile? FindInGrace(ReadOnlySpan<char> path, LeaseRule rule, long now)
    {
        if (Find(path) is { } current)
        {
            return current;
        }

        foreach (var other in _others)
        {
            if (!other.IsOver && rule.IsInGrace(other.LastUse, now) && other.Find(path) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The serving that began then, in milliseconds of the Unix epoch; null when it is over.</summary>
    public ServedTree? ServingSince(long since) => served?.SinceMilliseconds == since ? served : earlier.FirstOrDefault(serving => serving.SinceMilliseconds == since);
}
