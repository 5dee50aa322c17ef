namespace Parceler.Storage;

/// <summary>One object on a storage disk: key, bytes, and when it was last written.</summary>
/// <param name="Tag">What tells this state of it from any other; empty where the disk has no such thing.</param>
internal readonly record struct StoredObject(string Key, long Size, DateTimeOffset ModifiedAt, string Tag = "");

/// <summary>An object is not any more what it was.</summary>
internal sealed class ChangedObjectException(string key) : Exception($"'{key}' changes while it is read");

/// <summary>
/// Where everything is kept. Keys are paths joined by '/'. A write is all or nothing: a reader, or a restart after
/// a crash, finds the old object or the new one.
/// </summary>
internal abstract class StorageDisk
{
    /// <summary>What an operator looks at when the storage is not the one that it should be.</summary>
    public abstract string Advice { get; }

    /// <summary>Whether its keys are files of the work folder.</summary>
    public virtual bool IsWorkFolder => false;

    /// <summary>The content of <paramref name="key"/>; null when there is none.</summary>
    public abstract Task<Stream?> OpenReadAsync(string key, CancellationToken cancellation);

    /// <summary>The content of an object that was listed; null when it is gone.</summary>
    /// <exception cref="ChangedObjectException">It is another one by now, where the disk can tell.</exception>
    public virtual Task<Stream?> OpenReadAsync(StoredObject stored, CancellationToken cancellation) => OpenReadAsync(stored.Key, cancellation);

    /// <summary>Writes <paramref name="content"/> durably, replacing what was there.</summary>
    public abstract Task WriteAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation);

    public abstract Task<StoredObject?> FindAsync(string key, CancellationToken cancellation);

    /// <summary>The objects whose keys begin with <paramref name="prefix"/> (which ends in '/'), at any depth, in no order.</summary>
    /// <exception cref="IOException">The listing could not be completed: it must not be taken for an empty one.</exception>
    public abstract IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation);

    /// <summary>Removes <paramref name="key"/>; nothing happens when it is absent.</summary>
    public abstract Task DeleteAsync(string key, CancellationToken cancellation);

    /// <summary>Removes all objects whose keys begin with <paramref name="prefix"/>, which ends in '/'.</summary>
    public abstract Task DeleteAllAsync(string prefix, CancellationToken cancellation);

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
