using Parceler.Formats.Compression;

namespace Parceler.Feeds;

/// <summary>A feed can't be read because a file of it is missing or another one; unlike damage, that has a name for people and may pass.</summary>
internal sealed class FeedFaultException(string message, bool mayWait = true) : Exception(message)
{
    public bool MayWait => mayWait;
}

/// <summary>The files of a tree as one reading looks at them; remembers what it looked at.</summary>
internal sealed class FeedFiles(FeedTree tree, FeedLimits limits, CancellationToken cancellation)
{
    private readonly Dictionary<string, FeedFile?> _used = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, FeedFile?> Used => _used;

    public FeedLimits Limits => limits;

    public CancellationToken Cancellation => cancellation;

    public FeedFile? Find(string path)
    {
        var file = tree.Find(path);
        _used[path] = file;
        return file;
    }

    public bool Has(string path) => Find(path) is not null;

    /// <summary>All bytes of a file that has to be there and may not be large.</summary>
    public byte[] ReadWhole(string path)
    {
        using var stream = Open(path);
        return ReadWhole(stream, limits.Whole);
    }

    /// <summary>The content of an index, unpacked as its name says; that is another than its path where it stands under its hash.</summary>
    public Stream OpenIndex(string path, string? name = null) => Path.GetExtension(name ?? path) is ".bz2" or ".lzma"
        ? throw new InvalidDataException($"'{name ?? path}' is packed by a method that is not read here")
        : CompressedStream.OpenRead(Open(path), CompressedStream.MethodOf(name ?? path), new(limits.Index));

    public Stream Open(string path) => Has(path) ? tree.OpenRead(path) : throw new FeedFaultException($"its index '{path}' is missing");

    public static byte[] ReadWhole(Stream stream, int limit)
    {
        using var content = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (var read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            content.Write(buffer, 0, content.Length + read <= limit ? read : throw new InvalidDataException($"a file of it has more than {limit} bytes"));
        }

        return content.ToArray();
    }
}
