using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Parceler.Tests.Deploy;

/// <summary>A configuration that knows which of its settings somebody asked for.</summary>
internal sealed class AskedSettings(Dictionary<string, string?> settings) : IConfiguration
{
    private readonly IConfigurationRoot _inner = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();

    public ConcurrentDictionary<string, bool> Asked { get; } = new(StringComparer.Ordinal);

    public string? this[string key]
    {
        get
        {
            Asked[key] = true;
            return _inner[key];
        }
        set => throw new NotSupportedException();
    }

    public IConfigurationSection GetSection(string key)
    {
        Asked[key] = true;
        return _inner.GetSection(key);
    }

    public IEnumerable<IConfigurationSection> GetChildren() => _inner.GetChildren();

    public IChangeToken GetReloadToken() => _inner.GetReloadToken();
}
