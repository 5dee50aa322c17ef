using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Parceler.Storage;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Parceler.Snapshots;

/// <summary>
/// Manifests as bytes: UTF-8 JSON lines behind zstd with a checksum, a header line and a line per file
/// (docs/storage-format.md). Reading proves that nothing is missing.
/// </summary>
internal static class ManifestFormat
{
    private const int Version = 1;
    private const int CompressionLevel = 1; // higher ones take ten times as long and gain nothing: most of it are digests
    private const int MaxLine = 64 * 1024;

    public static byte[] Write(Manifest manifest)
    {
        using var target = new MemoryStream();
        using (var zstd = new CompressionStream(target, CompressionLevel, leaveOpen: true))
        {
            zstd.SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
            var buffer = new ArrayBufferWriter<byte>(1 << 17);
            using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
            WriteHeader(json, manifest.Header);
            EndLine(json, buffer);
            foreach (var file in manifest.Files)
            {
                WriteFile(json, file);
                EndLine(json, buffer);
                if (buffer.WrittenCount > 1 << 16)
                {
                    zstd.Write(buffer.WrittenSpan);
                    buffer.ResetWrittenCount();
                }
            }

            zstd.Write(buffer.WrittenSpan);
        }

        return target.ToArray();
    }

    /// <exception cref="CorruptManifestException">Cut, altered, or of a format that this program does not know.</exception>
    public static async Task<Manifest> ReadAsync(string key, Stream compressed, CancellationToken cancellation)
    {
        var files = new List<SnapshotFile>();
        return new(await ReadAsync(key, compressed, files.Add, cancellation), files);
    }

    /// <summary>The same, without keeping the files: there may be a million.</summary>
    /// <param name="each">Is given every file; what it did with them counts only when this returns.</param>
    /// <exception cref="CorruptManifestException"/>
    public static async Task<ManifestHeader> ReadAsync(string key, Stream compressed, Action<SnapshotFile> each, CancellationToken cancellation)
    {
        try
        {
            await using var zstd = new DecompressionStream(compressed, leaveOpen: true);
            var reader = PipeReader.Create(zstd, new StreamPipeReaderOptions(bufferSize: 1 << 16, leaveOpen: true));
            using var lines = new ManifestLines(key, each);
            while (true)
            {
                var result = await reader.ReadAsync(cancellation);
                var rest = lines.Take(result.Buffer);
                if (result.IsCompleted)
                {
                    return lines.End(rest.IsEmpty);
                }

                if (rest.Length > MaxLine)
                {
                    throw new CorruptManifestException(key, "a line is too long");
                }

                reader.AdvanceTo(rest.Start, rest.End);
            }
        }
        catch (Exception e) when (e is ZstdException or EndOfStreamException or JsonException or FormatException or InvalidOperationException or InvalidDataException)
        {
            throw new CorruptManifestException(key, e.Message, e);
        }
    }

    private static void WriteHeader(Utf8JsonWriter json, ManifestHeader header)
    {
        json.WriteStartObject();
        json.WriteNumber("parcelerManifest", Version);
        json.WriteString("repository", header.Repository);
        json.WriteString("repositoryId", header.RepositoryId);
        json.WriteString("instant", header.Instant.ToString());
        json.WriteNumber("files", header.Files);
        json.WriteNumber("bytes", header.Bytes);
        json.WriteNumber("newBytes", header.NewBytes);
        json.WriteString("tree", header.Tree.ToString());
        if (header.Previous is { } previous)
        {
            json.WriteString("previous", previous.ToString());
        }

        json.WriteBoolean("pinned", header.Pinned);
        json.WriteString("madeBy", header.MadeBy);
        if (header.Feeds.Count > 0)
        {
            json.WritePropertyName("feeds");
            JsonSerializer.Serialize(json, header.Feeds, SnapshotFeedJson.Default.IReadOnlyListSnapshotFeed);
        }

        if (header.LetThrough.Count > 0)
        {
            json.WritePropertyName("letThrough");
            JsonSerializer.Serialize(json, header.LetThrough, SnapshotFeedJson.Default.IReadOnlyListString);
        }

        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, SnapshotFile file)
    {
        Span<char> hex = stackalloc char[2 * Digest.Size];
        Convert.TryToHexStringLower(file.Digest.AsSpan(), hex, out _);
        json.WriteStartObject();
        json.WriteString("path"u8, file.Path);
        json.WriteString("sha256"u8, hex);
        json.WriteNumber("size"u8, file.Size);
        json.WriteNumber("time"u8, file.ModifiedUnixSeconds);
        json.WriteEndObject();
    }

    private static void EndLine(Utf8JsonWriter json, ArrayBufferWriter<byte> buffer)
    {
        json.Flush();
        buffer.Write("\n"u8);
        json.Reset();
    }

    public static bool IsKnown(int version) => version == Version;
}
