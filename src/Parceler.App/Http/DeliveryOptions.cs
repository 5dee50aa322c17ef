using Parceler.Delivery;

namespace Parceler.App.Http;

/// <summary>How files are delivered.</summary>
/// <param name="DeniedIs401">For fleets whose clients know no 403.</param>
/// <param name="XAccel">An nginx in front sends the large files.</param>
/// <param name="Log">One line for each download.</param>
internal sealed record DeliveryOptions(bool DeniedIs401, bool XAccel, bool Log)
{
    /// <summary>Where the storage is a bucket: who is sent there.</summary>
    public StoreDelivery Store { get; init; }

    /// <summary>How long an address of the bucket is good for.</summary>
    public TimeSpan UrlLife { get; init; } = TimeSpan.FromMinutes(1);

    public BlobCacheLimits Cache { get; init; } = new(1L << 30);
}
