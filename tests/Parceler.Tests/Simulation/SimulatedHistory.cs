using System.Buffers.Binary;
using Parceler.Storage;

namespace Parceler.Tests.Simulation;

/// <summary>All that happened in a run: counted, as a digest to compare two runs by, and the last of it in words.</summary>
internal sealed class SimulatedHistory(SimulatedTime time)
{
    /// <summary>An index that a machine kept is still the served one: too common to be told.</summary>
    public const string NotModified = "not modified";
    private const int Remembered = 40;
    private const ulong Prime = 1_099_511_628_211; // of FNV-1a, 64 bits
    private readonly SortedDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private readonly Queue<string> _last = new();
    private ulong _digest = 14_695_981_039_346_656_037;

    /// <summary>The same for two runs in which the same happened in the same order.</summary>
    public string Digest => _digest.ToString("x16", null);

    public long Requests { get; private set; }

    public IReadOnlyDictionary<string, int> Counts => _counts;

    /// <summary>The last events, a line each.</summary>
    public string Last => string.Join('\n', _last);

    public void Happened(string what, string to = "")
    {
        _counts[what] = _counts.GetValueOrDefault(what) + 1;
        if (what == NotModified)
        {
            return;
        }

        _last.Enqueue($"{time.Passed:d\\.hh\\:mm\\:ss\\.fff} {what} {to}");
        if (_last.Count > Remembered)
        {
            _last.Dequeue();
        }

        foreach (var letter in what)
        {
            Mix(letter);
        }

        Mix((ulong)time.Passed.Ticks);
    }

    public void Answered(int machine, int server, Digest file)
    {
        Requests++;
        Mix((ulong)time.Passed.Ticks);
        Mix((ulong)((machine << 4) + server));
        Mix(BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan()));
    }

    private void Mix(ulong value) => _digest = (_digest ^ value) * Prime;
}
