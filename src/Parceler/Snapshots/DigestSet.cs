using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>A set of very many digests in little more than their own bytes: each takes 32, and a third of the places stay free.</summary>
internal sealed class DigestSet
{
    private Digest[] _places = new Digest[1024]; // a power of two; what is all zero is free
    private bool _hasZero;

    public int Count { get; private set; }

    public void Add(Digest digest)
    {
        if (digest == default)
        {
            Count += _hasZero ? 0 : 1;
            _hasZero = true;
            return;
        }

        ref var place = ref PlaceOf(_places, digest);
        if (place == default)
        {
            place = digest;
            if (++Count > _places.Length / 3 * 2)
            {
                Grow();
            }
        }
    }

    public bool Contains(Digest digest) => digest == default ? _hasZero : PlaceOf(_places, digest) == digest;

    private void Grow()
    {
        var larger = new Digest[2 * _places.Length];
        foreach (ref readonly var digest in _places.AsSpan())
        {
            if (digest != default)
            {
                PlaceOf(larger, digest) = digest;
            }
        }

        _places = larger;
    }

    // Digests are as good as random: their first bytes are the hash.
    private static ref Digest PlaceOf(Digest[] places, Digest digest)
    {
        var at = (uint)digest.GetHashCode();
        while (true)
        {
            ref var place = ref places[at++ & (uint)(places.Length - 1)];
            if (place == default || place == digest)
            {
                return ref place;
            }
        }
    }
}
