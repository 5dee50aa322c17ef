using System.Globalization;
using Parceler.Database;

namespace Parceler.Storage;

/// <summary>A blob as a listing of the store shows it.</summary>
internal readonly record struct StoredBlob(Digest Digest, long Size, DateTimeOffset WrittenAt);

/// <summary>Bytes that were hashed into a file of a staging folder, to become a blob.</summary>
/// <param name="Number">Of the file, in place of its path: there may be a hundred thousand.</param>
internal readonly record struct StagedBlob(Digest Digest, long Size, string Folder, long Number)
{
    public string Path => PathOf(Folder, Number);

    public static string PathOf(string folder, long number) => System.IO.Path.Combine(folder, number.ToString("x", CultureInfo.InvariantCulture));
}

/// <summary>
/// The contents of all files of all snapshots: each stored once, under the digest of its own bytes, and never changed.
/// </summary>
internal abstract class BlobStore(ParcelerDb db, WorkFolder work)
{
    /// <summary>How many blobs are read or asked for at a time.</summary>
    public abstract int Connections { get; }

    /// <summary>Whether to ask for one blob costs next to nothing. Where it doesn't, many are asked for at once.</summary>
    public abstract bool IsCheapToAsk { get; }

    /// <summary>Held by whoever commits a manifest and by whoever deletes blobs: the two exclude each other.</summary>
    public Task<DatabaseLock> LockAsync(CancellationToken cancellation) => db.LockAsync("blobs", cancellation);

    public BlobIntake OpenIntake() => new(this, work.Staging);

    /// <summary>The file of this machine that holds the blob, or would; null where blobs are no files.</summary>
    public abstract string? LocalPathOf(Digest digest);

    /// <summary>Its bytes, from the start. They are proven by <c>parceler verify</c> alone.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="DirectoryNotFoundException">It is not there.</exception>
    public abstract Stream OpenRead(Digest digest);

    /// <inheritdoc cref="OpenRead"/>
    public abstract Task<Stream> OpenReadAsync(Digest digest, CancellationToken cancellation);

    /// <summary>An address from which anybody may read the blob for some time, as content of this type; null where there is none.</summary>
    public virtual string? SignedUrlOf(Digest digest, string contentType, TimeSpan life) => null;

    /// <summary>Whether the blob is there in its full size.</summary>
    public abstract bool Has(Digest digest, long size);

    /// <summary>Those that are not there in their full size.</summary>
    /// <exception cref="IOException">It could not be found out.</exception>
    public abstract Task<HashSet<Digest>> MissingAsync(IReadOnlyCollection<(Digest Digest, long Size)> blobs, CancellationToken cancellation);

    /// <summary>All blobs, in the order of their digests' first bytes.</summary>
    /// <exception cref="IOException">The listing could not be completed.</exception>
    public abstract IAsyncEnumerable<StoredBlob> ListAsync(CancellationToken cancellation);

    /// <summary>Deletes blobs, and spares what it knows to have been put again since then. Only for the holder of the lock.</summary>
    /// <returns>Those that are gone.</returns>
    public abstract Task<IReadOnlyCollection<Digest>> DeleteAsync(IReadOnlyCollection<Digest> digests, DateTimeOffset since, CancellationToken cancellation);

    /// <summary>Has the blob, and keeps the collector from it for a while where that can be done.</summary>
    internal abstract bool Reuse(Digest digest, long size);

    /// <summary>Makes staged bytes blobs, durably. Each file is gone afterwards.</summary>
    /// <param name="stored">Is told of each blob when it can be read, and whether it is new; on any thread.</param>
    /// <exception cref="IOException">Not all of them are blobs now.</exception>
    internal abstract void Store(IReadOnlyList<StagedBlob> staged, Action<StagedBlob, bool> stored, CancellationToken cancellation);
}
