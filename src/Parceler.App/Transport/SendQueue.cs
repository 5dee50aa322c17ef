using Microsoft.Win32.SafeHandles;

namespace Parceler.App.Transport;

internal enum SendState
{
    AllSent,
    MustWait,

    /// <summary>The peer is gone, or a file is shorter than was said: nothing more can be sent.</summary>
    Broken,
}

/// <summary>What is to be sent, in order; sent as far as the system takes it.</summary>
internal sealed class SendQueue(SocketHandle socket)
{
    private Piece[] _pieces = new Piece[4];
    private int _first;
    private int _end;
    private int _sentOfFirst;

    /// <summary>What comes next has to be read from the disk.</summary>
    public bool NeedsDisk => _first < _end && _pieces[_first] is { File: { } file } first && !PageCache.Holds(file, first.Offset + _sentOfFirst, first.Count - _sentOfFirst);

    /// <summary>All bytes that the system took.</summary>
    public long Sent { get; private set; }

    public void Add(Piece piece)
    {
        if (_end == _pieces.Length)
        {
            Array.Resize(ref _pieces, 2 * _end);
        }

        _pieces[_end++] = piece;
    }

    public SendState TrySend()
    {
        while (_first < _end)
        {
            var sent = SendFirst();
            if (sent > 0)
            {
                Drop(sent);
            }
            else if (sent == -LibC.TryAgain)
            {
                return SendState.MustWait;
            }
            else if (sent != -LibC.Interrupted)
            {
                return SendState.Broken; // a file of which nothing comes is shorter than was said
            }
        }

        return SendState.AllSent;
    }

    public void Clear()
    {
        while (_first < _end)
        {
            _pieces[_first].GiveBack();
            _pieces[_first++] = default;
        }

        (_first, _end, _sentOfFirst) = (0, 0, 0);
    }

    // Two runs of bytes go in one call: the headers and a small file.
    private int SendFirst()
    {
        ref var first = ref _pieces[_first];
        if (first.File is { } file)
        {
            return SendFile(file, first.Offset + _sentOfFirst, first.Count - _sentOfFirst);
        }

        var bytes = first.Bytes.Span[_sentOfFirst..];
        return _end - _first == 1 ? socket.Send(bytes, more: false)
            : _pieces[_first + 1].File is not null ? socket.Send(bytes, more: true)
            : socket.Send(bytes, _pieces[_first + 1].Bytes.Span, more: _end - _first > 2);
    }

    private int SendFile(SafeFileHandle file, long offset, int count)
    {
        try
        {
            return socket.SendFile(file, offset, count);
        }
        catch (ObjectDisposedException)
        {
            return 0; // closed too early: nothing may be sent in its place
        }
    }

    private void Drop(int sent)
    {
        Sent += sent;
        _sentOfFirst += sent;
        while (_first < _end && _sentOfFirst >= _pieces[_first].Count)
        {
            _sentOfFirst -= _pieces[_first].Count;
            _pieces[_first].GiveBack();
            _pieces[_first++] = default;
        }

        if (_first == _end)
        {
            (_first, _end) = (0, 0);
        }
    }
}
