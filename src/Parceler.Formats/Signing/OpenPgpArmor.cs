using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Parceler.Formats.Signing;

/// <summary>The text form of OpenPGP's keys and signatures. Source: RFC 9580, section 6.</summary>
internal static class OpenPgpArmor
{
    private const string Begin = "-----BEGIN PGP ";
    private const int LineLength = 64;

    /// <summary>The bytes of a file that is armored or not; of several armored blocks, one after the other. Refuses with FormatException.</summary>
    public static byte[] Read(ReadOnlySpan<byte> file)
    {
        if (!file.IsEmpty && (file[0] & 0x80) != 0)
        {
            return file.ToArray();
        }

        var lines = Encoding.UTF8.GetString(file).Split('\n').Select(line => line.TrimEnd()).ToArray();
        var content = new List<byte>();
        for (var at = 0; at < lines.Length;)
        {
            if (lines[at++].StartsWith(Begin, StringComparison.Ordinal))
            {
                content.AddRange(ReadBlock(lines, ref at));
            }
        }

        return content.Count > 0 ? [.. content] : throw new FormatException($"This is no OpenPGP file: expected a line '{Begin}...'");
    }

    public static string Write(string label, ReadOnlySpan<byte> content)
    {
        var text = new StringBuilder($"{Begin}{label}-----\n\n");
        var base64 = Convert.ToBase64String(content);
        foreach (var line in base64.Chunk(LineLength))
        {
            text.Append(line).Append('\n');
        }

        return text.Append(CultureInfo.InvariantCulture, $"={Convert.ToBase64String(Sum(content))}\n-----END PGP {label}-----\n").ToString();
    }

    // headers up to an empty line, base64, perhaps '=' and a check sum, the end
    private static byte[] ReadBlock(string[] lines, ref int at)
    {
        while (at < lines.Length && lines[at].Length > 0)
        {
            at++;
        }

        var base64 = new StringBuilder();
        string? sum = null;
        while (++at < lines.Length && !lines[at].StartsWith('-'))
        {
            sum = lines[at].StartsWith('=') ? lines[at][1..] : sum;
            base64.Append(lines[at].StartsWith('=') ? "" : lines[at]);
        }

        var content = at < lines.Length && Base64.IsValid(base64.ToString()) ? Convert.FromBase64String(base64.ToString()) : throw Damaged();
        return sum is null || sum == Convert.ToBase64String(Sum(content)) ? content : throw Damaged();
    }

    // CRC-24 of OpenPGP
    private static byte[] Sum(ReadOnlySpan<byte> content)
    {
        var sum = 0xB704CE;
        foreach (var value in content)
        {
            sum ^= value << 16;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum << 1) ^ ((sum & 0x800000) == 0 ? 0 : 0x1864CFB);
            }
        }

        return [(byte)(sum >> 16), (byte)(sum >> 8), (byte)sum];
    }

    private static FormatException Damaged() => new("The OpenPGP text is damaged or cut short");
}
