using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Parceler.Delivery;

/// <summary>All that decides a download, in memory: immutable, and replaced as a whole when something changes.</summary>
internal sealed class DeliveryMap
{
    public static readonly DeliveryMap Empty = new([]);

    private readonly FrozenDictionary<string, ServedRepository> _repositories;
    private readonly FrozenDictionary<string, ServedRepository>.AlternateLookup<ReadOnlySpan<char>> _byName;

    public DeliveryMap(IEnumerable<ServedRepository> repositories)
    {
        _repositories = repositories.ToFrozenDictionary(r => r.Name, StringComparer.Ordinal);
        _byName = _repositories.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public IEnumerable<ServedRepository> Repositories => _repositories.Values;

    public bool TryFind(ReadOnlySpan<char> name, [NotNullWhen(true)] out ServedRepository? repository) => _byName.TryGetValue(name, out repository);
}
