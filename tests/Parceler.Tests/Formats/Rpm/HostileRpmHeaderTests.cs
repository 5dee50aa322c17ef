using System.Buffers.Binary;
using System.Text;
using Parceler.Formats.Rpm;

namespace Parceler.Tests.Formats.Rpm;

/// <summary>Headers whose tags share bytes, so that a small one describes a large one.</summary>
public class HostileRpmHeaderTests
{
    private const uint Text = 6;
    private const uint Texts = 8;
    private const uint Byte = 2;

    [Fact]
    public void Refuses_long_folders_of_very_many_files()
    {
        const int files = 4000;
        var folder = new string('a', 10_000);
        var store = Store($"a\0{folder}\0{string.Concat(Enumerable.Repeat("b\0", files))}", files);

        var header = Header(store, (1000, Text, 0, 1), (1117, Texts, 2 + 10_001, files), (1118, Texts, 2, 1), (1116, Byte, (uint)(store.Length - files), files));

        Refusal(header).Should().Contain("names of the package's files");
    }

    [Fact]
    public void Refuses_tags_that_all_point_to_the_same_names()
    {
        const int names = 20_000;
        var store = Store(string.Concat(Enumerable.Range(0, names).Select(number => $"{number:x}\0")), names);
        uint[] tags = [1047, 1113, 1049, 1050, 1054, 1055, 1090, 1115, 5046, 5047, 5049, 5050, 5052, 5053, 5055, 5056];
        uint[] flags = [1112, 1048, 1053, 1114, 5048, 5051, 5054, 5057];

        var header = Header(store, [(1000, Text, 0, 1), (1001, Text, 0, 1), (1002, Text, 0, 1), .. tags.Select(tag => (tag, Texts, 0U, (uint)names)), .. flags.Select(tag => (tag, Byte, (uint)(store.Length - names), (uint)names))]);

        Hostile.Allocated<InvalidDataException>(() => Refusal(header).Should().Contain("damaged at tag")).Should().BeLessThan(50_000_000);
    }

    private static string Refusal(byte[] header)
    {
        byte[] file = [0xed, 0xab, 0xee, 0xdb, 3, .. new byte[91], .. Header([]), .. header];
        return FluentActions.Invoking(() => new RpmReader(RpmLimits.Default).Read(new MemoryStream(file))).Should().Throw<InvalidDataException>().Which.Message;
    }

    private static byte[] Store(string texts, int zeros) => [.. Encoding.ASCII.GetBytes(texts), .. new byte[zeros]];

    private static byte[] Header(byte[] store, params (uint Tag, uint Type, uint Offset, uint Count)[] entries)
    {
        uint[] words = [(uint)entries.Length, (uint)store.Length, .. entries.SelectMany(entry => new[] { entry.Tag, entry.Type, entry.Offset, entry.Count })];
        var bytes = new byte[4 * words.Length];
        for (var at = 0; at < words.Length; at++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 * at), words[at]);
        }

        return [0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0, .. bytes, .. store];
    }
}
