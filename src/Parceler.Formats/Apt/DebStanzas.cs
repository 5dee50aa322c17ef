namespace Parceler.Formats.Apt;

/// <summary>The stanzas of a file, each with memory of its own. For large indexes <see cref="DebStanzaReader"/> takes less.</summary>
public static class DebStanzas
{
    public static IEnumerable<DebStanza> Read(Stream source, int limit = DebStanzaReader.DefaultLimit)
    {
        var reader = new DebStanzaReader(source, limit);
        while (reader.Read())
        {
            yield return reader.Current.Copy();
        }
    }
}
