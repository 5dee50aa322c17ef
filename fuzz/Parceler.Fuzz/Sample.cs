using System.Text;

namespace Parceler.Fuzz;

/// <summary>Files that the seeds are made of: of the sample feed, and small ones of the formats' own tools in fuzz/seeds.</summary>
internal static class Sample
{
    public static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

    /// <summary>A file of the sample feed of opkg.</summary>
    public static byte[] Opkg(string name) => Read($"opkg/{name}");

    /// <summary>A file of fuzz/seeds.</summary>
    public static byte[] Of(string name) => Read($"seeds/{name}");

    public static string TextOf(string name) => Encoding.UTF8.GetString(Of(name));

    /// <summary>All files of fuzz/seeds with such an ending.</summary>
    public static IEnumerable<byte[]> Ending(string ending) =>
        typeof(Sample).Assembly.GetManifestResourceNames().Where(name => name.StartsWith("seeds/", StringComparison.Ordinal) && name.EndsWith(ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Read(string name)
    {
        using var stream = typeof(Sample).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException($"There is no sample {name}");
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
