using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace Parceler.App.Transport;

/// <summary>What is known of a connection, by kind: a short list, since the web server adds a handful and asks for a few. The connection itself answers for the rest.</summary>
internal sealed class ConnectionFeatures(Connection connection) : IFeatureCollection
{
    private KeyValuePair<Type, object>[] _features = new KeyValuePair<Type, object>[6];
    private int _count;

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            var at = IndexOf(key);
            return at >= 0 ? _features[at].Value
                : key.IsInstanceOfType(connection) ? connection
                : null;
        }
        set
        {
            Revision++;
            Remove(key);
            if (value is not null && !ReferenceEquals(value, connection))
            {
                Add(key, value);
            }
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.Take(_count).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int IndexOf(Type key)
    {
        for (var at = 0; at < _count; at++)
        {
            if (_features[at].Key == key)
            {
                return at;
            }
        }

        return -1;
    }

    private void Add(Type key, object value)
    {
        if (_count == _features.Length)
        {
            Array.Resize(ref _features, 2 * _count);
        }

        _features[_count++] = new(key, value);
    }

    private void Remove(Type key)
    {
        if (IndexOf(key) is >= 0 and var at)
        {
            _features[at] = _features[--_count];
        }
    }
}
