using System.Buffers;

namespace Parceler.App.Transport;

/// <summary>What all connections share.</summary>
/// <param name="Clock">That of the network: a client waits no longer or shorter because a clock was set.</param>
/// <param name="Memory">For the web server; connections take their own from the arrays that all share.</param>
internal sealed record ConnectionParts(EventLoops Loops, MemoryPool<byte> Memory, TimeProvider Clock);
