using System.Runtime.InteropServices;

namespace Parceler.Entitlements;

/// <summary>
/// A bounded number of places, and a line of those who wait for one, bounded in number and time. First come, first served;
/// when the line is full, the address with the most in it gives way.
/// </summary>
internal sealed class FairPlaces(int places, int line, TimeSpan patience)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _line = new();
    private readonly Dictionary<AddressBlock, int> _inLine = [];
    private int _free = places;

    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _line.Count;
            }
        }
    }

    /// <summary>For tests: how many addresses it knows of.</summary>
    public int Addresses
    {
        get
        {
            lock (_gate)
            {
                return _inLine.Count;
            }
        }
    }

    /// <summary>Waits for a place; false when there was none in time. Whoever got one calls <see cref="Leave"/>.</summary>
    /// <param name="mayWaitLong">False for what can as well be done later: it never takes the second half of the line.</param>
    public async ValueTask<bool> TryEnterAsync(AddressBlock from, bool mayWaitLong, CancellationToken cancellation)
    {
        if (Join(from, mayWaitLong) is not { } waiter)
        {
            return false;
        }

        if (waiter.Turn.Task.IsCompleted)
        {
            return await waiter.Turn.Task;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(patience); // on the machine's own clock: so do clients
        await using var registration = end.Token.UnsafeRegister(_ => Quit(waiter), null);
        var entered = await waiter.Turn.Task;
        if (!entered)
        {
            cancellation.ThrowIfCancellationRequested();
        }

        return entered;
    }

    public void Leave()
    {
        lock (_gate)
        {
            if (_line.First is { } next)
            {
                Remove(next, enters: true);
            }
            else
            {
                _free++;
            }
        }
    }

    // Null: there is no room.
    private Waiter? Join(AddressBlock from, bool mayWaitLong)
    {
        lock (_gate)
        {
            var waiter = new Waiter(from);
            if (_free > 0)
            {
                _free--;
                waiter.Turn.SetResult(true);
                return waiter;
            }

            if (_line.Count >= (mayWaitLong ? line : line / 2) && !(mayWaitLong && MakeRoom(from)))
            {
                return null;
            }

            waiter.Node = _line.AddLast(waiter);
            _inLine[from] = _inLine.GetValueOrDefault(from) + 1;
            return waiter;
        }
    }

    private bool MakeRoom(AddressBlock from)
    {
        var (most, count) = _inLine.MaxBy(entry => entry.Value);
        if (count <= _inLine.GetValueOrDefault(from) + 1)
        {
            return false;
        }

        for (var last = _line.Last; last is not null; last = last.Previous)
        {
            if (last.Value.From == most)
            {
                Remove(last, enters: false);
                return true;
            }
        }

        return false;
    }

    private void Quit(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Node is { } node)
            {
                Remove(node, enters: false);
            }
        }
    }

    private void Remove(LinkedListNode<Waiter> node, bool enters)
    {
        _line.Remove(node);
        var waiter = node.Value;
        waiter.Node = null;
        if (--CollectionsMarshal.GetValueRefOrAddDefault(_inLine, waiter.From, out _) == 0)
        {
            _inLine.Remove(waiter.From);
        }

        waiter.Turn.SetResult(enters);
    }

    private sealed class Waiter(AddressBlock from)
    {
        public AddressBlock From => from;

        public TaskCompletionSource<bool> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Its place in the line; null when it waits no more.</summary>
        public LinkedListNode<Waiter>? Node { get; set; }
    }
}
