using System.Runtime.InteropServices;
using Parceler.Entitlements;

namespace Parceler.App.Http;

/// <summary>
/// The requests under way that take their time, bounded as a whole and for each machine. Those that are answered from memory at
/// once are none: they cost nothing here.
/// </summary>
internal sealed class LongRequests(ServiceLimits limits)
{
    private const int SmallestPiece = 32 << 10;
    private const int LargestPiece = 512 << 10;
    private const int FewerWhenBusy = 8;
    private readonly Lock _gate = new();
    private readonly Dictionary<MachineKey, int> _ofMachine = [];
    private volatile int _count;

    public int Count => _count;

    /// <summary>For tests: how many machines have any.</summary>
    public int Machines => _ofMachine.Count;

    /// <summary>Set while the process needs more memory than it should: each machine gets one at a time.</summary>
    public bool IsTight { get; set; }

    /// <summary>How much of a large file is read ahead of its reader.</summary>
    public int Piece => IsTight ? SmallestPiece : (int)Math.Clamp(limits.SendBytes / Math.Max(1, _count), SmallestPiece, LargestPiece);

    /// <summary>False when there are too many. Whoever entered calls <see cref="Leave"/>.</summary>
    public bool TryEnter(in MachineKey machine)
    {
        lock (_gate)
        {
            ref var own = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofMachine, machine, out _);
            if (_count >= limits.Requests || own >= MostOfOne())
            {
                Forget(machine, own);
                return false;
            }

            own++;
            _count++;
            return true;
        }
    }

    public void Leave(in MachineKey machine)
    {
        lock (_gate)
        {
            ref var own = ref CollectionsMarshal.GetValueRefOrAddDefault(_ofMachine, machine, out _);
            own--;
            _count--;
            Forget(machine, own);
        }
    }

    // When half of all places are taken, those who have many get no more, and the others still find room.
    private int MostOfOne() =>
        IsTight ? 1
        : _count >= limits.Requests / 2 ? Math.Max(1, limits.RequestsPerMachine / FewerWhenBusy)
        : limits.RequestsPerMachine;

    private void Forget(in MachineKey machine, int own)
    {
        if (own == 0)
        {
            _ofMachine.Remove(machine);
        }
    }
}
