namespace Parceler.Storage;

/// <summary>One object on a storage disk: key, bytes, and when it was last written.</summary>
internal readonly record struct StoredObject(string Key, long Size, DateTimeOffset ModifiedAt);

/// <summary>
/// Where everything is kept. Keys are paths joined by '/'. A write is all or nothing: a reader, or a restart after
/// a crash, finds the old object or the new one.
/// </summary>
internal abstract class StorageDisk
{
    /// <summary>The content of <paramref name="key"/>; null when there is none.</summary>
    public abstract Task<Stream?> OpenReadAsync(string key, CancellationToken cancellation);

    /// <summary>Writes <paramref name="content"/> durably, replacing what was there.</summary>
    public abstract Task WriteAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    public abstract Task<StoredObject?> FindAsync(string key, CancellationToken cancellation);

    /// <summary>The objects whose keys begin with <paramref name="prefix"/> (which ends in '/'), at any depth, in no order.</summary>
    /// <exception cref="IOException">The listing could not be completed: it must not be taken for an empty one.</exception>
    public abstract IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation);

    /// <summary>Removes <paramref name="key"/>; nothing happens when it is absent.</summary>
    public abstract Task DeleteAsync(string key, CancellationToken cancellation);

    public async Task<byte[]?> ReadAsync(string key, CancellationToken cancellation)
    {
        await using var stream = await OpenReadAsync(key, cancellation);
        if (stream is null)
        {
            return null;
        }

        using var content = new MemoryStream();
        await stream.CopyToAsync(content, cancellation);
        return content.ToArray();
    }
}
