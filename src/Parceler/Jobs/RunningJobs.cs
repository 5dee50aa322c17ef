using System.Collections.Concurrent;

namespace Parceler.Jobs;

/// <summary>The jobs that this process runs now, each with the switch that ends it.</summary>
internal sealed class RunningJobs
{
    private readonly ConcurrentDictionary<long, CancellationTokenSource> _ends = new();

    public CancellationTokenSource Add(long id, CancellationToken cancellation)
    {
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _ends[id] = end;
        return end;
    }

    public void Remove(long id) => _ends.TryRemove(id, out _);

    public void End(long id)
    {
        try
        {
            _ends.GetValueOrDefault(id)?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // over in this very moment
        }
    }
}
