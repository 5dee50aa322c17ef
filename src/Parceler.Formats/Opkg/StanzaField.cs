namespace Parceler.Formats.Opkg;

/// <summary>One field of a stanza. <paramref name="Text"/> is all after the colon, as it stood, so that it is written back unchanged.</summary>
public readonly record struct StanzaField(string Name, string Text)
{
    /// <summary>The text without blanks around it; continuation lines stay as they are.</summary>
    public string Value => Text.Trim();

    public override string ToString() => $"{Name}:{Text}\n";
}
