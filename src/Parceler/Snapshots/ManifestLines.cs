using System.Buffers;
using System.Text.Json;
using Parceler.Storage;

namespace Parceler.Snapshots;

/// <summary>Takes the lines of one manifest while it is read, and at the end proves that they are all of it.</summary>
/// <param name="each">Is given every file; what it did with them counts only when the end was reached.</param>
internal sealed class ManifestLines(string key, Action<SnapshotFile> each) : IDisposable
{
    private readonly TreeHash _tree = new();
    private ManifestHeader? _header;
    private string? _last;
    private long _files;
    private long _bytes;

    /// <summary>Takes the whole lines of <paramref name="buffer"/> and returns what is left behind the last of them.</summary>
    public ReadOnlySequence<byte> Take(ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n'))
        {
            var json = new Utf8JsonReader(line);
            if (_header is null)
            {
                _header = ReadHeader(ref json);
            }
            else
            {
                Add(ReadFile(ref json));
            }
        }

        return buffer.Slice(reader.Position);
    }

    public ManifestHeader End(bool complete)
    {
        if (!complete || _header is null || _files != _header.Files || _bytes != _header.Bytes)
        {
            throw new CorruptManifestException(key, "it is cut short");
        }

        return _tree.End() == _header.Tree
            ? _header
            : throw new CorruptManifestException(key, "its files are not those that its header names");
    }

    public void Dispose() => _tree.Dispose();

    private void Add(SnapshotFile file)
    {
        if (_last is not null && string.CompareOrdinal(_last, file.Path) >= 0)
        {
            throw new CorruptManifestException(key, $"'{file.Path}' is out of order");
        }

        each(file);
        _tree.Add(file);
        _last = file.Path;
        _files++;
        _bytes += file.Size;
    }

    private ManifestHeader ReadHeader(ref Utf8JsonReader json)
    {
        using var document = JsonDocument.ParseValue(ref json);
        var root = document.RootElement;
        if (!root.TryGetProperty("parcelerManifest", out var version) || !ManifestFormat.IsKnown(version.GetInt32()))
        {
            throw new CorruptManifestException(key, "its format is not one that this version of Parceler knows");
        }

        return new(
            root.GetProperty("repository").GetString()!,
            root.GetProperty("repositoryId").GetString()!,
            SnapshotInstant.Parse(root.GetProperty("instant").GetString()!),
            root.GetProperty("files").GetInt64(),
            root.GetProperty("bytes").GetInt64(),
            root.GetProperty("newBytes").GetInt64(),
            Digest.Parse(root.GetProperty("tree").GetString()!),
            root.TryGetProperty("previous", out var previous) ? SnapshotInstant.Parse(previous.GetString()!) : null,
            root.GetProperty("pinned").GetBoolean(),
            root.GetProperty("madeBy").GetString()!
        )
        {
            Feeds = root.TryGetProperty("feeds", out var feeds) ? feeds.Deserialize(SnapshotFeedJson.Default.IReadOnlyListSnapshotFeed)! : [],
            LetThrough = root.TryGetProperty("letThrough", out var through) ? through.Deserialize(SnapshotFeedJson.Default.IReadOnlyListString)! : [],
        };
    }

    private SnapshotFile ReadFile(ref Utf8JsonReader json)
    {
        string? path = null;
        Digest? digest = null;
        long size = -1;
        long time = 0;
        Span<char> hex = stackalloc char[2 * Digest.Size];
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (json.ValueTextEquals("path"u8))
            {
                json.Read();
                path = json.GetString();
            }
            else if (json.ValueTextEquals("sha256"u8))
            {
                json.Read();
                digest = json.ValueSpan.Length <= hex.Length || json.HasValueSequence ? Digest.Parse(hex[..json.CopyString(hex)], null) : null;
            }
            else if (json.ValueTextEquals("size"u8))
            {
                json.Read();
                size = json.GetInt64();
            }
            else if (json.ValueTextEquals("time"u8))
            {
                json.Read();
                time = json.GetInt64();
            }
            else
            {
                json.Read();
                json.Skip();
            }
        }

        return path is not null && PackagePath.IsValid(path) && digest is { } known && size >= 0
            ? new(path, known, size, time)
            : throw new CorruptManifestException(key, $"'{path}' is no file");
    }
}
