using System.Collections.Concurrent;

namespace Parceler.Upstreams.Mirrors;

/// <summary>Holds all syncs of this process together to the limit of transfers for one host.</summary>
internal sealed class HostPlaces(FetchOptions options)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Waits for a place; disposing what it returns gives it back.</summary>
    public Place Enter(Uri url, CancellationToken cancellation)
    {
        var places = _hosts.GetOrAdd(url.Authority, static (_, count) => new(count), options.Connections);
        places.Wait(cancellation);
        return new(places);
    }

    internal readonly struct Place(SemaphoreSlim places) : IDisposable
    {
        public void Dispose() => places.Release();
    }
}
