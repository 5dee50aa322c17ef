using System.Text;
using Parceler.Formats.Apt;

// CopyPackages IN OUT [TEXT]: reads a Packages stanza by stanza and writes those whose name holds the text, as grep-dctrl does
var wanted = Encoding.UTF8.GetBytes(args.ElementAtOrDefault(2) ?? "");
using var input = File.OpenRead(args[0]);
using var output = new FileStream(args[1], FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1);
using var writer = new DebStanzaWriter(output);
var reader = new DebStanzaReader(input);
while (reader.Read())
{
    if (reader.Current.Value("Package"u8).IndexOf(wanted) >= 0)
    {
        writer.Write(reader.Current);
    }
}
