using System.Runtime.InteropServices;

namespace Parceler.App.Transport;

/// <summary>Is told when its socket may be ready.</summary>
internal interface IWaitsForSocket
{
    /// <param name="hasEnded">The peer sends no more, or is gone.</param>
    void OnReady(bool toRead, bool toWrite, bool hasEnded);
}

/// <summary>
/// A thread that waits for many sockets at once, each told once per change (edge-triggered). Who waits goes on on this thread, so a request
/// is read and answered without a hand-over (docs/decisions/0007).
/// </summary>
internal sealed unsafe class EventLoop : IDisposable
{
    private const uint ToRead = 0x1; // EPOLLIN
    private const uint Ended = 0x2000; // EPOLLRDHUP
    private const uint ToWrite = 0x4; // EPOLLOUT
    private const uint Broken = 0x8 | 0x10; // EPOLLERR | EPOLLHUP
    private const uint EdgeTriggered = 1u << 31;
    private const int EventsAtOnce = 128;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    // struct epoll_event is packed on x86-64 alone.
    private static readonly int s_dataAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private readonly SocketHandle _poll = Open(LibC.CreatePoll(LibC.CloseOnExec));
    private readonly SocketHandle _end = Open(LibC.CreateEvent(0, LibC.CloseOnExec));
    private readonly Lock _growing = new();
    private readonly Thread _thread;
    private IWaitsForSocket?[] _waiters = new IWaitsForSocket?[1024]; // by the number of the socket
    private volatile bool _ends;

    public EventLoop(string name)
    {
        Control(LibC.Add, _end, ToRead);
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.UnsafeStart();
    }

    /// <summary>From now on the waiter is told; at once, when there is something to read already.</summary>
    public void Add(SafeHandle socket, IWaitsForSocket waiter)
    {
        var number = NumberOf(socket);
        lock (_growing)
        {
            if (number >= _waiters.Length)
            {
                Array.Resize(ref _waiters, Math.Max(number + 1, _waiters.Length * 2));
            }

            _waiters[number] = waiter;
        }

        Control(LibC.Add, socket, ToRead | Ended | EdgeTriggered);
    }

    /// <summary>Also tells when there is room to write; at once, when there is.</summary>
    public void AddWriting(SafeHandle socket) => Control(LibC.Modify, socket, ToRead | ToWrite | Ended | EdgeTriggered);

    /// <summary>Before the socket is closed. One signal may still come.</summary>
    public void Remove(SafeHandle socket, IWaitsForSocket waiter)
    {
        lock (_growing)
        {
            if (_waiters[NumberOf(socket)] == waiter)
            {
                _waiters[NumberOf(socket)] = null;
            }
        }
    }

    public void Dispose()
    {
        _ends = true;
        var one = 1L;
        LibC.Write(_end, (byte*)&one, sizeof(long));
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join(s_patience);
        }

        _end.Dispose();
        _poll.Dispose();
    }

    private static SocketHandle Open(int descriptor) => descriptor >= 0 ? new(descriptor) : throw new System.ComponentModel.Win32Exception();

    private void Run()
    {
        var stride = s_dataAt + sizeof(long);
        var events = stackalloc byte[EventsAtOnce * stride];
        while (!_ends)
        {
            var count = LibC.WaitForPoll(_poll, events, EventsAtOnce, -1);
            for (var at = 0; at < count; at++)
            {
                var what = *(uint*)(events + (at * stride));
                var number = *(long*)(events + (at * stride) + s_dataAt);
                var waiters = Volatile.Read(ref _waiters);
                var waiter = number < waiters.Length ? waiters[number] : null; // the signal to end has a number, too, and no waiter
                waiter?.OnReady((what & (ToRead | Ended | Broken)) != 0, (what & (ToWrite | Broken)) != 0, (what & (Ended | Broken)) != 0);
            }
        }
    }

    private static int NumberOf(SafeHandle socket) => (int)socket.DangerousGetHandle();

    private void Control(int operation, SafeHandle socket, uint what)
    {
        var change = stackalloc byte[16];
        *(uint*)change = what;
        *(long*)(change + s_dataAt) = NumberOf(socket);
        if (LibC.ControlPoll(_poll, operation, socket, change) != 0)
        {
            throw new System.ComponentModel.Win32Exception();
        }
    }
}
