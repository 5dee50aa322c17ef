using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Parceler.App.Transport;

/// <summary>A part of what is to be sent: bytes, or a range of a file.</summary>
internal readonly struct Piece
{
    private readonly byte[]? _rented;

    /// <summary>Bytes that belong to another one.</summary>
    public Piece(ReadOnlyMemory<byte> bytes) => (Bytes, Count) = (bytes, bytes.Length);

    /// <summary>The first bytes of an array that is given back afterwards.</summary>
    public Piece(byte[] rented, int count) => (_rented, Bytes, Count) = (rented, rented.AsMemory(0, count), count);

    public Piece(SafeFileHandle file, long offset, int count) => (File, Offset, Count) = (file, offset, count);

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Null for bytes.</summary>
    public SafeFileHandle? File { get; }

    public long Offset { get; }

    public int Count { get; }

    public void GiveBack()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }
}
