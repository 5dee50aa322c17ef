using System.Globalization;
using System.Text;

namespace Parceler.Formats.Rpm;

/// <summary>
/// Writes filelists.xml package by package as createrepo_c does: what it wrote is written as the same bytes. Disposing ends the file and leaves
/// the output open.
/// </summary>
public sealed class FileListsWriter : IDisposable
{
    private readonly StreamWriter _text;

    public FileListsWriter(Stream output, int packages)
    {
        _text = new(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        _text.WriteLine("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        Line($"<filelists xmlns=\"http://linux.duke.edu/metadata/filelists\" packages=\"{packages}\">");
    }

    public void Write(RpmFileList package)
    {
        var evr = package.Evr;
        Line($"<package pkgid=\"{XmlText.Attribute(package.Checksum)}\" name=\"{XmlText.Attribute(package.Name)}\" arch=\"{XmlText.Attribute(package.Architecture)}\">");
        Line($"  <version epoch=\"{evr.Epoch}\" ver=\"{XmlText.Attribute(evr.Version)}\" rel=\"{XmlText.Attribute(evr.Release ?? "")}\"/>");
        foreach (var (path, type) in package.Files)
        {
            var kind = type is null ? "" : $" type=\"{XmlText.Attribute(type)}\"";
            Line($"  <file{kind}>{XmlText.Of(path)}</file>");
        }

        _text.WriteLine("</package>");
    }

    public void Dispose()
    {
        _text.Write("</filelists>");
        _text.Dispose();
    }

    private void Line(FormattableString line) => _text.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
