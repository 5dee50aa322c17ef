using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Parceler.Entitlements;

/// <summary>What a machine sent to identify itself. Printed, it shows the id only.</summary>
internal sealed class Credentials
{
    public const int LongestHeader = 1024;
    private const string Scheme = "Basic ";
    private volatile KeyInTier? _keys;

    private Credentials(string header, SystemId id, string secret)
    {
        Header = header;
        Id = id;
        Secret = secret;
    }

    public SystemId Id { get; }

    public string Secret { get; }

    /// <summary>The header value as it came; equal texts are equal credentials.</summary>
    public string Header { get; }

    /// <summary>Kept for the next request with the same header.</summary>
    public bool IsKnown { get; set; }

    /// <summary>Takes the value of an <c>Authorization</c> header apart; null when it is no well-formed Basic header.</summary>
    public static Credentials? Parse(string? header) => TryParse(header, out var credentials) ? credentials : null;

    public static bool TryParse(string? header, [NotNullWhen(true)] out Credentials? credentials)
    {
        credentials = null;
        if (header is null || header.Length > LongestHeader || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[LongestHeader];
        Span<char> text = stackalloc char[LongestHeader];
        if (
            !Convert.TryFromBase64Chars(header.AsSpan(Scheme.Length).Trim(' '), bytes, out var size)
            || Utf8.ToUtf16(bytes[..size], text, out _, out var length, replaceInvalidSequences: false) != System.Buffers.OperationStatus.Done
        )
        {
            return false;
        }

        credentials = Split(header, text[..length]);
        return credentials is not null;
    }

    /// <summary>For tests and tools: the credentials as a machine would send them.</summary>
    public static Credentials Of(string id, string secret) =>
        Parse(Scheme + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")))
        ?? throw new FormatException("These are no credentials of a machine: the id has no colon, and neither part has control characters");

    public override string ToString() => Id.ToString();

    /// <summary>The machine's key in a tier, computed once: these objects are kept between requests.</summary>
    public MachineKey KeyIn(Tier tier, MachineKeyRing ring)
    {
        for (var known = _keys; known is not null; known = known.Next)
        {
            if (ReferenceEquals(known.Tier, tier) && ReferenceEquals(known.Ring, ring))
            {
                return known.Key;
            }
        }

        var key = ring.Current(tier, this);
        _keys = new(tier, ring, key, _keys); // two at once: one is lost and computed again
        return key;
    }

    private static Credentials? Split(string header, ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        if (colon < 1 || !SystemId.TryParse(text[..colon], null, out var id))
        {
            return null;
        }

        foreach (var c in text)
        {
            if (char.IsControl(c))
            {
                return null;
            }
        }

        return new(header, id, text[(colon + 1)..].ToString());
    }

    private sealed record KeyInTier(Tier Tier, MachineKeyRing Ring, MachineKey Key, KeyInTier? Next);
}
