using System.Security.Cryptography;
using System.Text;

namespace Parceler.App.Tls;

/// <summary>The text of one PEM file.</summary>
internal sealed record PemFile(string Setting, string Path, string Text)
{
    private const int Largest = 1 << 20; // a chain has some kilobytes

    /// <exception cref="TlsException"/>
    public static PemFile Read(string setting, string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > Largest)
            {
                throw new TlsException(setting, $"{path} is too large for a PEM file");
            }

            using var reader = new StreamReader(file, Encoding.Latin1); // PEM is ASCII; comments between the blocks may be anything
            return new(setting, path, reader.ReadToEnd());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new TlsException(setting, $"{path} can't be read: {e.Message}");
        }
    }

    /// <summary>The labels of its blocks, such as CERTIFICATE. A block without an end is a file that is still being written.</summary>
    /// <exception cref="TlsException"/>
    public List<string> Labels()
    {
        var labels = new List<string>();
        var rest = Text.AsSpan();
        while (PemEncoding.TryFind(rest, out var block))
        {
            labels.Add(rest[block.Label].ToString());
            rest = rest[block.Location.End..];
        }

        return Text.AsSpan().Count("-----BEGIN ") == labels.Count ? labels : throw Fault("is damaged or cut off");
    }

    public TlsException Fault(string problem) => new(Setting, $"{Path} {problem}");
}
