using System.Collections.Concurrent;
using Parceler.Storage;

namespace Parceler.Tests.Support;

/// <summary>A storage disk in memory: the contract in its plainest form.</summary>
internal sealed class MemoryDisk(TimeProvider clock) : StorageDisk
{
    private readonly ConcurrentDictionary<string, (byte[] Content, DateTimeOffset At)> _objects = new(StringComparer.Ordinal);

    public override string Advice => "is this the right memory?";

    public override Task<Stream?> OpenReadAsync(string key, CancellationToken cancellation) =>
        Task.FromResult<Stream?>(_objects.TryGetValue(key, out var found) ? new MemoryStream(found.Content, writable: false) : null);

    public override Task WriteAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        _objects[key] = (content.ToArray(), clock.GetUtcNow());
        return Task.CompletedTask;
    }

    public override Task<StoredObject?> FindAsync(string key, CancellationToken cancellation) =>
        Task.FromResult(_objects.TryGetValue(key, out var found) ? new StoredObject(key, found.Content.Length, found.At) : (StoredObject?)null);

    public override IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellation) =>
        _objects.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(entry => new StoredObject(entry.Key, entry.Value.Content.Length, entry.Value.At)).ToAsyncEnumerable();

    public override Task DeleteAsync(string key, CancellationToken cancellation)
    {
        _objects.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    public override Task DeleteAllAsync(string prefix, CancellationToken cancellation)
    {
        foreach (var key in _objects.Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            _objects.TryRemove(key, out _);
        }

        return Task.CompletedTask;
    }
}
