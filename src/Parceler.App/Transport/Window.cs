using System.Buffers;
using System.Runtime.InteropServices;

namespace Parceler.App.Transport;

/// <summary>
/// Memory that stands for a borrowed part while the web server counts it. It is as long as a part can be, as the server's contract wants,
/// and nobody touches it, so the system never fills it.
/// </summary>
internal sealed unsafe class Window : MemoryManager<byte>
{
    public const int Size = 8 << 20;
    private static readonly Window s_only = new();
    private readonly byte* _start = (byte*)NativeMemory.Alloc(Size);

    public static Memory<byte> Whole => s_only.Memory;

    public static bool Is(Memory<byte> memory) => MemoryMarshal.TryGetMemoryManager<byte, Window>(memory, out _);

    public override Span<byte> GetSpan() => new(_start, Size);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin() { }

    protected override void Dispose(bool disposing) { }
}
