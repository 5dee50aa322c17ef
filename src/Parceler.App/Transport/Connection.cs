using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Win32.SafeHandles;

namespace Parceler.App.Transport;

/// <summary>A connection of a client. Bytes are received when the web server asks for some, and sent when it flushes.</summary>
internal sealed class Connection
    : ConnectionContext,
        IDuplexPipe,
        IWaitsForSocket,
        IBorrowedBody,
        IQuietConnection,
        IThreadPoolWorkItem,
        IConnectionIdFeature,
        IConnectionTransportFeature,
        IConnectionItemsFeature,
        IConnectionLifetimeFeature,
        IMemoryPoolFeature
{
    private static long s_count;
    private readonly ConnectionParts _parts;
    private readonly EventLoop _loop;
    private readonly ConnectionReader _reader;
    private readonly ConnectionWriter _writer;
    private readonly CancellationTokenSource _closed = new();
    private IDictionary<object, object?>? _items;
    private IDuplexPipe _transport;
    private int _isRegistered;
    private int _isAborted;
    private bool _awaitsWriting;

    public Connection(SocketHandle socket, ConnectionParts parts, EndPoint? here, EndPoint? peer)
    {
        (Socket, _parts, _loop) = (socket, parts, parts.Loops.Next());
        (LocalEndPoint, RemoteEndPoint) = (here, peer);
        ConnectionId = Interlocked.Increment(ref s_count).ToString("x", null);
        ConnectionClosed = _closed.Token;
        Features = new ConnectionFeatures(this);
        _transport = this;
        _reader = new(this);
        _writer = new(this);
    }

    public SocketHandle Socket { get; }

    public TimeSpan? QuietFor() => Socket.QuietFor();

    public Readiness ToRead { get; } = new();

    public Readiness ToWrite { get; } = new();

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override CancellationToken ConnectionClosed { get; set; }

    public override IDuplexPipe Transport
    {
        get => _transport;
        set => _transport = value; // TLS puts itself in between
    }

    public MemoryPool<byte> MemoryPool => _parts.Memory;

    PipeReader IDuplexPipe.Input => _reader;

    PipeWriter IDuplexPipe.Output => _writer;

    /// <summary>From now on <see cref="ToRead"/> is signalled. Not before it has to wait: many connections carry one request.</summary>
    public void Register()
    {
        if (Interlocked.Exchange(ref _isRegistered, 1) == 0)
        {
            _loop.Add(Socket, this);
        }
    }

    /// <summary>From now on <see cref="ToWrite"/> is signalled, too.</summary>
    public void RegisterWriting()
    {
        if (!_awaitsWriting)
        {
            Register();
            _loop.AddWriting(Socket);
            _awaitsWriting = true;
            Pace.Watch(this, _writer);
        }
    }

    /// <summary>The client sends no more, or is gone: what is left is to be received without waiting for a signal.</summary>
    public bool HasEnded { get; private set; }

    public void OnReady(bool toRead, bool toWrite, bool hasEnded)
    {
        HasEnded |= hasEnded;
        if (toWrite)
        {
            ToWrite.Signal();
        }

        if (toRead)
        {
            ToRead.Signal();
        }
    }

    public bool TryAdd(PipeWriter body, ReadOnlyMemory<byte> bytes) => ReferenceEquals(_transport, this) && _writer.TryAdd(body, new(bytes));

    public bool TryAdd(PipeWriter body, SafeFileHandle file, long offset, int count) =>
        ReferenceEquals(_transport, this) && _writer.TryAdd(body, new(file, offset, count));

    public override void Abort(ConnectionAbortedException abortReason) => Break();

    /// <summary>Cuts the connection: whoever waits for it goes on, and what is under way is told.</summary>
    public void Break()
    {
        if (Interlocked.Exchange(ref _isAborted, 1) == 0)
        {
            Socket.Shutdown(LibC.ShutdownBoth);
            ToRead.Signal(onOtherThread: true);
            ToWrite.Signal(onOtherThread: true);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false); // what it sets off may take locks that the caller holds
        }
    }

    void IThreadPoolWorkItem.Execute() => _closed.Cancel();

    /// <summary>The web server is done with it.</summary>
    public override async ValueTask DisposeAsync()
    {
        _writer.Complete();
        if (_isAborted == 0 && !_reader.IsDrained)
        {
            await Leftovers.TakeAsync(this, _parts.Clock);
        }

        _reader.Complete();
        if (_isRegistered != 0)
        {
            _loop.Remove(Socket, this);
        }

        Socket.Dispose();
        await base.DisposeAsync();
    }
}
