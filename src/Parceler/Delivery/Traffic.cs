namespace Parceler.Delivery;

/// <summary>What was sent of one repository since the process started, whichever snapshot it came from.</summary>
internal sealed class Traffic
{
    private readonly Tally _tally = new(2);

    public long Files => _tally[0];

    public long Bytes => _tally[1];

    public void Add(long bytes)
    {
        _tally.Add(0);
        _tally.Add(1, bytes);
    }
}
