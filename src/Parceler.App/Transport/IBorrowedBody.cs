using System.IO.Pipelines;
using Microsoft.Win32.SafeHandles;

namespace Parceler.App.Transport;

/// <summary>
/// Sends parts of an answer from where they lie, without a copy in the server. They have to stay as they are until the next flush of
/// the body ended.
/// </summary>
internal interface IBorrowedBody
{
    /// <summary>False when it can't be done on this connection, as when it is encrypted: then they have to be written.</summary>
    bool TryAdd(PipeWriter body, ReadOnlyMemory<byte> bytes);

    /// <inheritdoc cref="TryAdd(PipeWriter, ReadOnlyMemory{byte})"/>
    bool TryAdd(PipeWriter body, SafeFileHandle file, long offset, int count);
}
