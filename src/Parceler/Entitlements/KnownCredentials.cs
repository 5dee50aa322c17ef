using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Parceler.Entitlements;

/// <summary>
/// Headers of machines that are entitled, with what they said, so that a download decodes and hashes nothing. Bounded by
/// machine (one token may come with any number of ids) and as a whole; what is not in here is only computed again.
/// </summary>
internal sealed class KnownCredentials(int most)
{
    private const int MostPerMachine = 16;
    private readonly ConcurrentDictionary<string, Credentials> _byHeader = new(new HeaderComparer());
    private readonly Lock _gate = new();
    private readonly Dictionary<MachineKey, int> _headers = [];
    private int _count;

    public int Count => _count;

    public Credentials? Find(string header) => _byHeader.GetValueOrDefault(header);

    public void Remember(MachineKey machine, Credentials credentials)
    {
        lock (_gate)
        {
            if (_count >= most)
            {
                Clear();
            }

            ref var headers = ref CollectionsMarshal.GetValueRefOrAddDefault(_headers, machine, out _);
            if (headers < MostPerMachine && _byHeader.TryAdd(credentials.Header, credentials))
            {
                credentials.IsKnown = true;
                headers++;
                _count++;
            }
        }
    }

    private void Clear()
    {
        _byHeader.Clear();
        _headers.Clear();
        _count = 0;
    }

    // The hash is seeded per process, so nobody can aim at a neighbour in the table; the compare takes constant time.
    private sealed class HeaderComparer : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(x.AsSpan()), MemoryMarshal.AsBytes(y.AsSpan()));

        public int GetHashCode([DisallowNull] string text) => string.GetHashCode(text.AsSpan());
    }
}
