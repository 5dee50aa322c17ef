namespace Parceler.Entitlements;

/// <summary>
/// Counts over a sliding time, in two halves: those of this window, and what is left of the one before. Bounded: with too many
/// keys a window ends early, so that whoever invents keys makes the counts forget sooner, and never grow.
/// </summary>
internal sealed class RecentCounts<TKey>(TimeSpan window, int most)
    where TKey : notnull
{
    private readonly long _window = (long)window.TotalMilliseconds;
    private Dictionary<TKey, int> _before = [];
    private Dictionary<TKey, int> _current = [];
    private long _since;

    public int Keys => _current.Count + _before.Count;

    public double Of(TKey key, long now)
    {
        Turn(now);
        var left = 1 - ((double)(now - _since) / _window);
        return _current.GetValueOrDefault(key) + (_before.GetValueOrDefault(key) * left);
    }

    public void Add(TKey key, long now)
    {
        Turn(now);
        if (_current.Count >= most && !_current.ContainsKey(key))
        {
            Begin(_current, now);
        }

        _current[key] = _current.GetValueOrDefault(key) + 1;
    }

    private void Turn(long now)
    {
        var age = now - _since;
        if (age < 0 || age >= 2 * _window) // also a clock that was set back
        {
            Begin([], now);
        }
        else if (age >= _window)
        {
            Begin(_current, _since + _window);
        }
    }

    private void Begin(Dictionary<TKey, int> before, long since)
    {
        _before = before;
        _current = [];
        _since = since;
    }
}
