using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Parceler.App.Transport;

/// <summary>What Linux offers for sockets and the base library does not: readiness, and files sent without a copy.</summary>
internal static unsafe partial class LibC
{
    public const int TryAgain = 11; // EAGAIN
    public const int Interrupted = 4; // EINTR
    public const int TooManyFilesHere = 24; // EMFILE
    public const int TooManyFiles = 23; // ENFILE
    public const int NoBuffers = 105; // ENOBUFS
    public const int NoMemory = 12; // ENOMEM
    public const int NonBlockingCloseOnExec = 0x800 | 0x80000; // SOCK_NONBLOCK | SOCK_CLOEXEC
    public const int DontWait = 0x40; // MSG_DONTWAIT
    public const int NoSignal = 0x4000; // MSG_NOSIGNAL
    public const int More = 0x8000; // MSG_MORE
    public const int CloseOnExec = 0x80000; // EPOLL_CLOEXEC, EFD_CLOEXEC
    public const int Add = 1; // EPOLL_CTL_ADD
    public const int Modify = 3; // EPOLL_CTL_MOD
    public const int WithoutWaiting = 8; // RWF_NOWAIT
    public const int ShutdownWriting = 1; // SHUT_WR
    public const int ShutdownBoth = 2; // SHUT_RDWR
    public const int OutputQueue = 0x5411; // SIOCOUTQ
    public const int SocketLevel = 1; // SOL_SOCKET
    public const int LingerOption = 13; // SO_LINGER
    public const int Tcp = 6; // IPPROTO_TCP
    public const int TcpInfo = 11; // TCP_INFO
    public const int LastDataSent = 44; // offsets in struct tcp_info: the same on every architecture; milliseconds
    public const int LastDataReceived = 52;

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(SafeHandle listener, byte* address, int* length, int flags);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetLocalAddress(SafeHandle socket, byte* address, int* length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(SafeHandle socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    public static partial nint Send(SafeHandle socket, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    public static partial nint SendMessage(SafeHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "sendfile", SetLastError = true)]
    public static partial nint SendFile(SafeHandle socket, SafeFileHandle file, long* offset, nint count);

    [LibraryImport("libc", EntryPoint = "preadv2")]
    public static partial nint ReadAt(SafeFileHandle file, Part* parts, int count, long offset, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    public static partial int Shutdown(SafeHandle socket, int how);

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    public static partial int SetOption(SafeHandle socket, int level, int name, Linger* value, int length);

    [LibraryImport("libc", EntryPoint = "getsockopt")]
    public static partial int GetOption(SafeHandle socket, int level, int name, byte* value, int* length);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    public static partial int IoControl(SafeHandle socket, nuint request, int* value);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(nint descriptor);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int CreatePoll(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int ControlPoll(SafeHandle poll, int operation, SafeHandle target, byte* poll_event);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int WaitForPoll(SafeHandle poll, byte* events, int count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int CreateEvent(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    public static partial nint Write(SafeHandle file, byte* buffer, nint length);

    /// <summary>struct linger</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Linger
    {
        public int IsOn;
        public int Seconds;
    }

    /// <summary>struct iovec</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Part
    {
        public byte* Start;
        public nint Length;
    }

    /// <summary>struct msghdr of 64-bit Linux</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public nint Name;
        public nint NameLength;
        public Part* Parts;
        public nint PartCount;
        public nint Control;
        public nint ControlLength;
        public nint Flags;
    }
}
