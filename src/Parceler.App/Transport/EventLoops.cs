namespace Parceler.App.Transport;

/// <summary>The threads that wait for sockets, one for each core; what comes in is shared out among them in turn.</summary>
internal sealed class EventLoops : IDisposable
{
    private readonly EventLoop[] _loops = [.. Enumerable.Range(1, Environment.ProcessorCount).Select(number => new EventLoop($"Connections {number}"))];
    private int _next = -1;

    public EventLoop Next() => _loops[(uint)Interlocked.Increment(ref _next) % _loops.Length];

    public void Dispose() => Array.ForEach(_loops, loop => loop.Dispose());
}
