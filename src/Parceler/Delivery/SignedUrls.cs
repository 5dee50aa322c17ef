using System.Collections.Concurrent;
using Parceler.Storage;

namespace Parceler.Delivery;

/// <summary>
/// Addresses at which machines fetch blobs from the store itself. Signing takes longer than all the rest of an answer, so an address is
/// given to all who ask within a few seconds.
/// </summary>
/// <param name="life">How long an address is good for.</param>
internal sealed class SignedUrls(BlobStore blobs, TimeSpan life)
{
    /// <summary>What an address is still good for when it is given out, at least.</summary>
    public static readonly TimeSpan LeastLeft = TimeSpan.FromSeconds(45);

    private const int Most = 10_000;
    private readonly ConcurrentDictionary<(Digest, string), (string Url, long Made)> _known = new();

    public string Of(Digest digest, string contentType)
    {
        if (_known.TryGetValue((digest, contentType), out var known) && TimeProvider.System.GetElapsedTime(known.Made) < life - LeastLeft)
        {
            return known.Url;
        }

        if (_known.Count >= Most)
        {
            _known.Clear(); // most are too old by now
        }

        var made = TimeProvider.System.GetTimestamp();
        var url = blobs.SignedUrlOf(digest, contentType, life) ?? throw new InvalidOperationException("The store of this service has no addresses");
        _known[(digest, contentType)] = (url, made);
        return url;
    }
}
