using System.Buffers.Binary;
using System.Text;

namespace Parceler.Formats.Rpm;

/// <summary>
/// One header of an .rpm: values by tag. Where a tag points is looked at only when it is asked for. Source: the file format in the manual of
/// rpm 4.18; headers of rpm 6 are the same.
/// </summary>
internal sealed class RpmHeader
{
    private const int IntroLength = 16;
    private const int EntryLength = 16;
    private const int TakesOfAll = 4; // each value is asked for once or twice
    private static readonly byte[] Magic = [0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
    private readonly Dictionary<uint, (uint Type, uint Offset, uint Count)> _entries = [];
    private readonly ReadOnlyMemory<byte> _store;
    private long _left;

    private RpmHeader(byte[] whole, int entries)
    {
        Whole = whole;
        _store = whole.AsMemory(IntroLength + (EntryLength * entries));
        _left = TakesOfAll * (long)_store.Length; // tags may share bytes, so that a small header can describe a large one
        for (var at = 0; at < entries; at++)
        {
            var entry = whole.AsSpan(IntroLength + (EntryLength * at), EntryLength);
            _entries.TryAdd(Word(entry, 0), (Word(entry, 1), Word(entry, 2), Word(entry, 3)));
        }
    }

    /// <summary>The bytes, as they are hashed and signed.</summary>
    public byte[] Whole { get; }

    public static RpmHeader Read(Stream rpm, int limit)
    {
        var intro = RpmReader.Take(rpm, IntroLength);
        var (entries, length) = (Word(intro, 2), Word(intro, 3));
        var whole = IntroLength + (EntryLength * (long)entries) + length;
        if (!intro.AsSpan().StartsWith(Magic))
        {
            throw new InvalidDataException("The package is damaged: it has no header where one should be");
        }

        return whole <= limit ? new([.. intro, .. RpmReader.Take(rpm, (int)whole - IntroLength)], (int)entries)
            : throw new InvalidDataException($"The package has a header of {whole} bytes, more than {limit}");
    }

    public bool Has(uint tag) => _entries.ContainsKey(tag);

    /// <summary>A text, of one in several languages the first; empty where there is none.</summary>
    public string Text(uint tag) => Texts(tag) is [var first, ..] ? first : "";

    public IReadOnlyList<string> Texts(uint tag)
    {
        if (!_entries.TryGetValue(tag, out var entry))
        {
            return [];
        }

        var isText = entry.Type is 6 or 8 or 9 && entry.Count <= _store.Length; // each takes a byte at least
        var texts = new string[isText ? (int)entry.Count : throw Damaged(tag)];
        var rest = From(tag, entry.Offset, 0).Span;
        for (var at = 0; at < texts.Length; at++)
        {
            var end = rest.IndexOf((byte)0) is var found and >= 0 ? found : throw Damaged(tag);
            Count(tag, end + 1);
            texts[at] = Encoding.UTF8.GetString(rest[..end]);
            rest = rest[(end + 1)..];
        }

        return texts;
    }

    /// <summary>Whole numbers of 8 to 64 bits; none where there is no such tag.</summary>
    public ulong[] Numbers(uint tag)
    {
        if (!_entries.TryGetValue(tag, out var entry))
        {
            return [];
        }

        var size = entry.Type is >= 2 and <= 5 ? 1 << ((int)entry.Type - 2) : throw Damaged(tag);
        var bytes = From(tag, entry.Offset, size * (long)entry.Count).Span;
        Count(tag, size * entry.Count);
        var numbers = new ulong[entry.Count];
        for (var at = 0; at < numbers.Length; at++)
        {
            numbers[at] = Number(bytes.Slice(at * size, size));
        }

        return numbers;
    }

    public ulong? Number(uint tag) => Numbers(tag) is [var first, ..] ? first : null;

    /// <summary>Bytes, such as a signature; none where there is no such tag.</summary>
    public ReadOnlyMemory<byte> Bytes(uint tag) =>
        !_entries.TryGetValue(tag, out var entry) ? default
        : entry.Type == 7 ? From(tag, entry.Offset, entry.Count)[..(int)entry.Count]
        : throw Damaged(tag);

    private void Count(uint tag, long bytes)
    {
        _left -= bytes;
        if (_left < 0)
        {
            throw Damaged(tag);
        }
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[(4 * at)..]);

    private static ulong Number(ReadOnlySpan<byte> bytes)
    {
        var number = 0UL;
        foreach (var value in bytes)
        {
            number = (number << 8) | value;
        }

        return number;
    }

    private ReadOnlyMemory<byte> From(uint tag, uint offset, long length) => offset + length <= _store.Length ? _store[(int)offset..] : throw Damaged(tag);

    private static InvalidDataException Damaged(uint tag) => new($"The header of the package is damaged at tag {tag}");
}
