using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Parceler.App.Transport;

/// <summary>
/// An open socket, poll or event. Calls count as uses: the number is not given back to the system, for another connection to get it,
/// while one is under way. Results below zero are the negated error.
/// </summary>
internal sealed unsafe class SocketHandle : SafeHandleMinusOneIsInvalid
{
    public SocketHandle(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>Bytes that were sent and that the peer has not taken yet.</summary>
    public long Unsent
    {
        get
        {
            int waiting;
            return LibC.IoControl(this, LibC.OutputQueue, &waiting) == 0 ? waiting : 0;
        }
    }

    /// <summary>For how long nothing went over a TCP connection; null for what is none, or is closed.</summary>
    public TimeSpan? QuietFor()
    {
        Span<byte> info = stackalloc byte[64]; // struct tcp_info, as far as it is needed
        var length = info.Length;
        try
        {
            fixed (byte* start = info)
            {
                return LibC.GetOption(this, LibC.Tcp, LibC.TcpInfo, start, &length) == 0 && length >= LibC.LastDataReceived + sizeof(uint)
                    ? TimeSpan.FromMilliseconds(Math.Min(BitConverter.ToUInt32(info[LibC.LastDataSent..]), BitConverter.ToUInt32(info[LibC.LastDataReceived..])))
                    : null;
            }
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    public int Receive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return (int)Checked(LibC.Receive(this, start, buffer.Length, LibC.DontWait));
        }
    }

    public int Send(ReadOnlySpan<byte> bytes, bool more)
    {
        fixed (byte* start = bytes)
        {
            return (int)Checked(LibC.Send(this, start, bytes.Length, Flags(more)));
        }
    }

    public int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, bool more)
    {
        fixed (byte* one = first, two = second)
        {
            var parts = stackalloc LibC.Part[] { new() { Start = one, Length = first.Length }, new() { Start = two, Length = second.Length } };
            var message = new LibC.MessageHeader { Parts = parts, PartCount = 2 };
            return (int)Checked(LibC.SendMessage(this, &message, Flags(more)));
        }
    }

    public int SendFile(SafeFileHandle file, long offset, int count) => (int)Checked(LibC.SendFile(this, file, &offset, count));

    /// <summary>Ends one direction or both at once. Nothing happens when it is closed already.</summary>
    public void Shutdown(int how)
    {
        if (!IsClosed)
        {
            try
            {
                LibC.Shutdown(this, how);
            }
            catch (ObjectDisposedException)
            {
                // closed at this moment
            }
        }
    }

    /// <summary>Once closed, what was not taken by the peer is thrown away, and the peer is told so.</summary>
    public void ResetAtClose()
    {
        var atOnce = new LibC.Linger { IsOn = 1 };
        LibC.SetOption(this, LibC.SocketLevel, LibC.LingerOption, &atOnce, sizeof(LibC.Linger));
    }

    protected override bool ReleaseHandle() => LibC.Close(handle) == 0;

    private static int Flags(bool more) => LibC.DontWait | LibC.NoSignal | (more ? LibC.More : 0);

    private static nint Checked(nint result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();
}
